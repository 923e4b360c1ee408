import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { testProgress } from './scripts/test-progress.ts';

/** What kills processes or measures search, for minutes: only with `npm test -- --long` (see `repetitions`, too). */
const long = process.env['TEST_LONG'] === undefined ? ['test/**/*.long.test.ts'] : [];

/** They are about the memory of a thread, or replace a module: each has a process of its own. */
export const isolated = [
  'test/library/sync/unwatchable.test.ts',
  'test/mql/aggregate.test.ts',
  'test/mql/large-values.test.ts',
  'test/stores/embedded/documents/pushdown/scan.test.ts',
  'test/stores/embedded/documents/properties/pushdown.property.test.ts',
  'test/process-identity-unanswered.test.ts',
  'test/stores/embedded/engine/renewal.test.ts',
  'test/stores/without-links.test.ts',
];

/** The folder of a bundle, whose command and threads are then tested instead of those of the sources. */
const bundle = process.env['TEST_BUNDLE'];
const bundledEntries = new URL('test/support/bundled-entries.ts', import.meta.url).href;

export default defineConfig({
  test: {
    pool: 'forks',
    // One more than there are processors: much of the time is spent waiting, for time limits, watches and processes.
    maxWorkers: availableParallelism() + 1,
    projects: [
      // The sources are loaded once for all files of a process.
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [...isolated, ...long],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'isolated', include: isolated } },
    ],
    execArgv: bundle === undefined ? [] : ['--import', bundledEntries],
    setupFiles: ['test/support/after-file.ts'],
    unstubEnvs: true,
    reporters: [testProgress(), 'minimal'],
    // No measure of anything: they end what hangs, on the slowest and busiest machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Node runs the sources itself (it strips the types), so that tests, worker threads and child
    // processes execute the same files and their coverage can be merged.
    experimental: { viteModuleRunner: false },
  },
});
