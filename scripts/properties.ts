// Runs the property tests with many more runs than `npm test` gives them.
//   npm run properties [-- RUNS [vitest arguments]]   (10,000 runs when not said)
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);
const runs = /^\d+$/.test(given[0] ?? '') ? given.shift() : '10000';
/** Longest time for one property, ms. */
const patience = String(60 * 60 * 1_000);

const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '.property.test', '--testTimeout', patience, ...given],
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, PROPERTY_RUNS: runs } },
);
process.exit(status ?? 1);
