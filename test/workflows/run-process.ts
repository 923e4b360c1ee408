// A process for tests: node run-process.ts DIRECTORY EFFECTS (start | recover) [KILL-AT] [SETTINGS]
// It runs the workflow `w`, whose function `effect` appends its argument to the file EFFECTS and kills
// the process with SIGKILL at KILL-AT, and prints the run when it has ended, and when the process took up its work (how
// long it took to begin says nothing of the run). "asleep N" kills it N ms after the run was suspended, "after N" N ms
// after it was acknowledged; "before write N" and "behind write N" at the Nth write of the run to the journal. An effect
// with `fails` fails so many times, counted in the file.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { owner } from '../../src/call.ts';
import { HydrogenError } from '../../src/errors.ts';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedJournal, createEmbeddedVerdicts } from '../../src/stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { createWorkflows } from '../../src/workflows/workflows.ts';

const [directory = '', effects = '', mode = 'start', killAt = '', settings = '{}'] = process.argv.slice(2);
const storeFile = createEmbeddedStore(directory, 2);
const [, side, at] = /^(before|behind) write (\d+)$/.exec(killAt) ?? [];
const dieAt = (moment: string, write: number): void => {
  if (side === moment && Number(at) === write) process.kill(process.pid, 'SIGKILL');
};
let writes = 0;

/** Counts what is written by whoever executes a run. */
function counted<Args extends unknown[], Result>(write: (...args: Args) => Promise<Result>) {
  return async (...args: Args): Promise<Result> => {
    const number = ++writes;
    dieAt('before', number);
    const result = await write(...args);
    dieAt('behind', number);
    return result;
  };
}

const journal = createEmbeddedJournal(storeFile);
const workflows = createWorkflows({
  journal: {
    ...journal,
    record: counted(journal.record),
    release: counted(journal.release),
    finish: counted(journal.finish),
  },
  verdicts: createEmbeddedVerdicts(storeFile),
  folders: [join(directory, 'workflows')],
  functions: {
    names: ['effect'],
    async call(_name, args) {
      const { name, fails = 0 } = args as { name: string; fails?: number };
      if (name === killAt) process.kill(process.pid, 'SIGKILL');
      appendFileSync(effects, `${name}\n`);
      const calls = readFileSync(effects, 'utf8')
        .split('\n')
        .filter((line) => line === name).length;
      if (calls <= fails) throw new HydrogenError('not_found', 'It fails.');
      return { name };
    },
  },
  log: createLog('silent'),
  runs: JSON.parse(settings),
});
const call = {
  caller: owner,
  signal: new AbortController().signal,
  deadline: Date.now() + 60_000,
  progress() {},
  log: createLog('silent'),
};

const begun = Date.now();
if (mode === 'recover') workflows.recover();
// Not the newest one, which another process may have started.
const chosen =
  mode === 'start'
    ? await workflows.start({ workflow: 'w', input: {} }, call)
    : (await workflows.recent(1, call))[0];
const [, moment, ms] = /^(asleep|after) (\d+)$/.exec(killAt) ?? [];
if (moment !== undefined && chosen) {
  while (moment === 'asleep' && !(await workflows.get(chosen.id, call)).suspendedUntil) await setTimeout(20);
  globalThis.setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(ms));
}
const ended = chosen && (await workflows.wait(chosen.id, 30_000, call));
process.stdout.write(`${JSON.stringify({ ...ended, begun, writes })}\n`);
await workflows.close();
await storeFile.close();
