import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Much of the time is spent waiting for child processes.
    maxWorkers: '100%',
    setupFiles: ['test/support/coverage.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Node runs the sources itself (it strips the types), so that tests, worker threads and child
    // processes execute the same files and their coverage can be merged.
    experimental: { viteModuleRunner: false },
  },
});
