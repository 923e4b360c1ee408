import { z } from 'zod';
import { allowedPaths } from '../policy/paths.ts';
import { listOf } from './common/arguments.ts';
import { defineTool } from './common/define.ts';
import { plural } from './common/queries.ts';

export const ingest = defineTool({
  name: 'ingest',
  operation: 'ingest',
  title: 'Read files into the library',
  description:
    'Reads files and folders on the server into the library; documents deleted from a folder are removed.',
  lateAdvice: 'What was read is kept: repeat the call to continue, or name fewer files or folders at a time.',
  input: z.strictObject({ paths: listOf(z.string().min(1).max(4_096), { min: 1, max: 100 }) }),
  async run({ paths }, { library, config, call }) {
    const report = await library.ingest(await allowedPaths(paths, config.folders), call, { areReal: true });
    const { added, changed, unchanged, removed, chunks, pending, skipped, notes } = report;
    const counts = `${added} added, ${changed} changed, ${unchanged} unchanged, ${removed} removed`;
    const backlog = pending > 0 ? ` ${plural(pending, 'passage')} wait for a vector.` : '';
    const left =
      skipped.length > 0 ? ` ${plural(skipped.length, 'file')} skipped, with the reason below.` : '';
    return {
      summary: [`Documents: ${counts}; ${plural(chunks, 'passage')} read.${backlog}${left}`, ...notes].join(
        ' ',
      ),
      rows: skipped.slice(0, config.maxRows),
    };
  },
});
