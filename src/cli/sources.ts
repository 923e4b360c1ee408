import type { Command } from 'commander';
import { absenceDetail } from '../library/absence-text.ts';
import type { TrackedPlace } from '../library/types.ts';
import { plural } from '../tools/common/queries.ts';
import { runCommand, wantsJson } from './context.ts';
import { note, write } from './output.ts';
import { styled } from './style.ts';

function placeLine({ path, include, exclude }: TrackedPlace): string {
  const only = include ? ` (only ${include.join(', ')})` : '';
  const without = exclude ? ` (without ${exclude.join(', ')})` : '';
  return `    ${path}${only}${without}`;
}

async function listSources(command: Command): Promise<void> {
  const { sources, places, absences, elsewhere } = await runCommand(
    command,
    'Listing',
    'read',
    async ({ library }, call) => ({
      sources: await library.sources(call),
      places: await library.places(call),
      absences: await library.absences(call),
      elsewhere: await library.elsewhere(call),
    }),
  );
  const absentOf = (name: string): string[] =>
    absences.filter(({ prefix }) => prefix.startsWith(`${name}/`)).map(absenceDetail);
  const placesOf = (name: string): TrackedPlace[] => places.filter(({ source }) => source === name);
  if (wantsJson(command)) {
    const rows = sources.map((source) => ({
      ...source,
      places: placesOf(source.name),
      absent: absentOf(source.name),
    }));
    write(JSON.stringify([...rows, ...elsewhere.map((one) => ({ ...one, kind: 'qdrant' }))]));
    return;
  }
  for (const { name, kind, documents, chunks, embedded, indexedAt } of sources) {
    const vectors = embedded < chunks ? `, ${embedded} embedded` : '';
    const read = indexedAt > 0 ? `, last read ${new Date(indexedAt).toISOString().slice(0, 16)}Z` : '';
    const what = kind === 'collection' ? 'collection, ' : '';
    write(
      `${styled('bold', `${name}/`)}  ${what}${plural(documents, 'document')}, ${plural(chunks, 'passage')}${vectors}${read}`,
    );
    for (const place of placesOf(name)) write(placeLine(place));
    for (const absent of absentOf(name)) write(`    ${absent}`);
  }
  for (const { name, model, points, problem } of elsewhere) {
    const what = points === undefined ? problem : `${plural(points, 'point')}, searched with ${model}`;
    write(`${styled('bold', `${name}/`)}  Qdrant collection that others fill: ${what}`);
  }
  if (sources.length === 0) {
    note('The library is empty. `hydrogen ingest FOLDER` reads a folder, `hydrogen samples` adds examples.');
  }
}

export function registerSources(program: Command): void {
  program
    .command('sources')
    .description('where the documents of the library come from, with their folders')
    .action((_options, command: Command) => listSources(command));
}
