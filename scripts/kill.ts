// kill -9 in the middle of an ingest, of a workflow run, of writes by two processes, of a reindex beside an
// ingest and of three processes that do all at once, and clients that leave while a run goes on, again and again.
//   npm run kill -- [--ingest N] [--run N] [--quit N] [--writes N] [--reindex N] [--mix N] [--seed S]
// Ends with code 1 as soon as something acknowledged is lost, a store does not open, an ingest cannot be
// repeated, a run does not go on at the next start, a step whose completion was journaled runs again, a write
// is half done, or what is kept beside documents or passages disagrees with them; and when too few of five or
// more trials fell into the middle of the work.
import { parseArgs } from 'node:util';
import { ingestTrials } from './kill/ingest.ts';
import { mixTrials } from './kill/mix.ts';
import { quitTrials } from './kill/quit.ts';
import { reindexTrials } from './kill/reindex.ts';
import { runTrials } from './kill/run.ts';
import { writeTrials } from './kill/writes.ts';
import { randomNumbers } from './random.ts';

const { values } = parseArgs({
  options: {
    ingest: { type: 'string', default: '5' },
    run: { type: 'string', default: '5' },
    quit: { type: 'string', default: '3' },
    writes: { type: 'string', default: '5' },
    reindex: { type: 'string', default: '5' },
    mix: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const next = randomNumbers(Number(values.seed));
process.stdout.write(`kill -9 and quit trials, seed ${values.seed}\n`);
for (const [count, trials] of [
  [values.ingest, ingestTrials],
  [values.run, runTrials],
  [values.quit, quitTrials],
  [values.writes, writeTrials],
  [values.reindex, reindexTrials],
  [values.mix, mixTrials],
] as const) {
  if (Number(count) > 0) await trials(Number(count), next);
}
