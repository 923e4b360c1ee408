import { z } from 'zod';
import { absenceDetail } from '../library/absence-text.ts';
import { defineTool } from './common/define.ts';
import { plural } from './common/queries.ts';

export const listSources = defineTool({
  name: 'list_sources',
  operation: 'read',
  title: 'List sources',
  description: 'Where searched documents come from, with counts.',
  input: z.strictObject({}),
  async run(_args, { library, config, call }) {
    const [sources, absences, elsewhere] = await Promise.all([
      library.sources(call),
      library.absences(call),
      library.elsewhere(call),
    ]);
    const absentOf = (name: string): string[] =>
      absences.filter(({ prefix }) => prefix.startsWith(`${name}/`)).map(absenceDetail);
    const rows = sources.slice(0, config.maxRows).map(({ indexedAt, chunks, embedded, ...source }) => ({
      ...source,
      passages: chunks,
      // Only while some are missing.
      ...(embedded < chunks && { embedded }),
      ...(absentOf(source.name).length > 0 && { absent: absentOf(source.name) }),
      ...(indexedAt > 0 && { last_indexed: new Date(indexedAt).toISOString() }),
    }));
    const others = elsewhere.map((one) => ({ ...one, kind: 'qdrant' }));
    const hint = sources.length === 0 ? ' Add documents with `hydrogen ingest FOLDER`.' : '';
    const and = others.length > 0 ? `, ${plural(others.length, 'collection')} that others fill` : '';
    const twice = elsewhere.filter(({ name }) => sources.some((source) => source.name === name));
    const clash = twice.map(
      ({ name }) =>
        ` "${name}" names both: rename it in qdrantCollections, or documents of the source are not found by id.`,
    );
    return {
      summary: `${plural(sources.length, 'source')}${and}.${hint}${clash.join('')}`,
      rows: [...rows, ...others],
    };
  },
});
