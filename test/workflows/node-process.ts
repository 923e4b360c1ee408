// A node for tests: node node-process.ts URL DATABASE FOLDER EFFECTS NAME COUNT
// It starts COUNT runs of the workflow `w` in the journal on MongoDB and executes runs, its own and those of others, until
// its standard input ends. The function `effect` appends what it is given and NAME to the file EFFECTS.
import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { owner } from '../../src/call.ts';
import { HydrogenError } from '../../src/errors.ts';
import { createLog } from '../../src/observability/log.ts';
import { createBackend } from '../../src/stores/backend.ts';
import { createMongoStore } from '../../src/stores/mongodb/client.ts';
import { lazyMongoJournal } from '../../src/stores/mongodb/journal/lazy.ts';
import { createWorkflows } from '../../src/workflows/workflows.ts';

const [url = '', database = '', folder = '', effects = '', name = '', count = '0'] = process.argv.slice(2);
const backend = createBackend({
  system: 'mongodb',
  name: 'MongoDB',
  timeoutMs: 1_000,
  inWords: (cause) => new HydrogenError('internal', 'MongoDB failed.', { cause }),
});
const store = createMongoStore({
  url,
  database,
  setting: 'mongodbUrl',
  timeoutMs: 1_000,
  policy: backend.use,
});
const workflows = createWorkflows({
  ...lazyMongoJournal(store),
  folders: [folder],
  functions: {
    names: ['effect'],
    async call(_name, args) {
      const { step } = args as { step: string };
      await setTimeout(20);
      appendFileSync(effects, `${step} ${name}\n`);
      return { step };
    },
  },
  log: createLog('silent'),
  runs: { heartbeatMs: 100, leaseMs: 2_000 },
});
const call = {
  caller: owner,
  signal: new AbortController().signal,
  deadline: Date.now() + 60_000,
  progress() {},
  log: createLog('silent'),
};

for (let i = 0; i < Number(count); i++) {
  await workflows.start({ workflow: 'w', input: { run: `${name}-${i}` } }, call);
}
workflows.recover();
process.stdout.write('started\n');
process.stdin.resume();
process.stdin.on('end', () => {
  void workflows
    .close()
    .then(() => store.close())
    .then(() => process.exit());
});
