// Which tests run under Wine (scripts/windows.ts), and which do not, and why. They need no model, so that they also run
// where its native runtime is not to be had (scripts/test.ts --words).

/** Files and folders, as vitest takes them. */
export const tests: readonly string[] = [
  'test/busy-files.test.ts',
  'test/config',
  'test/errors/errors.test.ts',
  'test/library/reading/encodings.test.ts',
  'test/library/reading/formats.test.ts',
  'test/library/reading/loaders.test.ts',
  'test/library/reading/parser.test.ts',
  'test/library/reading/workbooks.test.ts',
  'test/mql',
  'test/policy/access.test.ts',
  'test/policy/api-keys.test.ts',
  'test/policy/confirmation.test.ts',
  'test/policy/paths.test.ts',
  'test/policy/readable-secrets.test.ts',
  'test/policy/signing.test.ts',
  'test/process-identity.test.ts',
  'test/stores/data-directory.test.ts',
  'test/stores/documents/export/export.test.ts',
  'test/stores/embedded/engine/opened.test.ts',
  'test/tables',
  'test/workers',
];

interface NotRun {
  readonly what: string;
  readonly reason: string;
}

/** Tests of these files that Wine 8 cannot pass, by their names. */
export const tooMuchForWine: readonly NotRun[] = [
  {
    what: 'a file that needs too much memory is skipped, and the next one is read',
    reason: 'under Wine a process that reads nothing yet already counts more than its limit of 150 MB',
  },
  {
    what: 'a key in the data directory is refused, also where a link leads to it',
    reason: 'Wine shows what a link leads to in its place, so that nothing can tell that it is one',
  },
];

/** The rest. */
export const notRun: readonly NotRun[] = [
  ...tooMuchForWine,
  {
    what: 'what embeds texts: most of test/library, test/embeddings, test/server, test/cli',
    reason:
      'the native runtime of models stops with an illegal instruction (checked above: only its own process ends)',
  },
  {
    what: 'test/transports, test/audit, test/stores/embedded, test/library/reading/hostile.test.ts',
    reason:
      'they take minutes; tried once: keys, store files and hostile files passed, two of nodes.test.ts (notices between nodes) and one of pushdown/scan.test.ts did not in 20 s',
  },
  {
    what: 'test/library/sync/watch.test.ts',
    reason:
      'it takes 100 s; tried once: all that is watched is read, in each of the three ways (one test could not remove its folder)',
  },
  {
    what: 'test/stores/mongodb, qdrant, cache, events, queue and other tests with servers',
    reason: 'the servers are programs of Linux, which these tests start',
  },
  {
    what: 'test/e2e and the long tests',
    reason: 'signals, mount namespaces, kill -9 and locks: under Wine they are those of Linux, or missing',
  },
  { what: 'test/house', reason: 'it is about the sources, which are the same everywhere' },
  {
    what: 'Node 24 and 26',
    reason: 'V8 wants memory calls that Wine 8 lacks; Node 22 is the oldest version that this program takes',
  },
];

/** A pattern of names of tests for vitest that leaves these out. */
export const nameBut = (left: readonly NotRun[]): string =>
  `^(?!.*(${left.map(({ what }) => what.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')}))`;
