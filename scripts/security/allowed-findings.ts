// What static analysis finds and is meant. Each was looked at; the reason says why it is no fault.

export interface AllowedFinding {
  readonly rule: string;
  readonly path: string;
  /** How often it may be found in this file: one more is looked at again. */
  readonly times: number;
  readonly reason: string;
}

type Allowed = readonly [path: string, times: number, reason: string];

const allowed = (rule: string, ...findings: readonly Allowed[]): AllowedFinding[] =>
  findings.map(([path, times, reason]) => ({ rule, path, times, reason }));

const sketch = 'draws a sample or a pause, which may be guessed';
const written = 'every byte that is read from it was written before';
const constant = 'is made of constants of this file when it is loaded';
const columns = 'names of columns and conditions that are constants of the code; values are bound';

export const allowedFindings: readonly AllowedFinding[] = [
  ...allowed('code-from-text', ['src/garbage.ts', 1, 'the constant text "gc" gives the function of V8']),
  ...allowed('comparison-in-varying-time', [
    'src/stores/qdrant/manifest.ts',
    1,
    'the token tells which process wrote the manifest, and gives no access',
  ]),
  ...allowed(
    'guessable-number',
    ['src/erasure/retention.ts', 1, 'when to look again, so that nodes do not all look at once'],
    ['src/mql/expressions/arithmetic.ts', 1, '$rand of MongoDB, which promises no more'],
    ['src/mql/query/logical.ts', 1, '$sampleRate of MongoDB, which promises no more'],
    ['src/mql/stages/simple.ts', 1, sketch],
    ['src/stores/index/passages-elsewhere.ts', 1, sketch],
    ['src/stores/qdrant/search.ts', 1, sketch],
  ),
  ...allowed(
    'memory-of-others',
    ['src/mql/values/key-string.ts', 3, written],
    ['src/policy/safe-open.ts', 1, 'only the part that the file filled is given on'],
    ['src/stores/documents/import/batches.ts', 2, 'only the part up to `size` is given on'],
    ['src/stores/embedded/documents/pushdown/fields.ts', 1, written],
    ['src/stores/embedded/documents/pushdown/jsonb.ts', 1, written],
  ),
  ...allowed(
    'pattern-from-text',
    ['src/config/load.ts', 1, constant],
    ['src/mql/dates/parse.ts', 1, 'escaped text and specifiers of fixed length; linear'],
    [
      'src/mql/values/regex-escapes.ts',
      1,
      'is compiled to see whether a property exists, and matches nothing',
    ],
    ['src/mql/values/regex.ts', 2, 'patterns of callers: on a thread that is stopped (docs/mongodb.md)'],
    ['src/observability/redact.ts', 4, constant],
    ['src/policy/patterns.ts', 1, 'escaped text of the settings with *'],
    ['src/protocol/tool-names.ts', 1, constant],
    ['src/stores/documents/import/number-marks.ts', 2, 'one mark of a short list; linear'],
    ['src/stores/index/phrases.ts', 1, 'words, which are letters and digits, between single classes; linear'],
    ['src/stores/index/unspaced.ts', 2, constant],
    ['src/tools/common/other-forms.ts', 1, 'digits; linear'],
    ['src/workflows/expressions/refused-names.ts', 1, constant],
  ),
  ...allowed(
    'request-to-computed-address',
    ['src/embeddings/download.ts', 1, 'the hub or mirror that the settings name'],
    ['src/policy/oauth/issuer-server.ts', 1, 'the issuer that the settings name, and what its metadata name'],
  ),
  ...allowed(
    'sql-from-text',
    ['src/stores/embedded/audit/handlers.ts', 3, columns],
    [
      'src/stores/embedded/documents/pushdown/rows.ts',
      3,
      'conditions made by `candidateSql`, which binds values',
    ],
    ['src/stores/embedded/engine/migrate.ts', 1, 'a number of the code'],
    ['src/stores/embedded/engine/scrub.ts', 1, 'the data directory, quoted: a PRAGMA takes no bound values'],
    ['src/stores/embedded/engine/snapshot.ts', 1, 'names of tables as the schema has them, which is ours'],
    ['src/stores/embedded/engine/statistics.ts', 1, 'one of four names, by its type'],
    ['src/stores/embedded/index/documents.ts', 2, columns],
    ['src/stores/embedded/index/reindex.ts', 1, columns],
    ['src/stores/embedded/index/selection.ts', 1, columns],
    ['src/stores/embedded/journal/archive.ts', 3, columns],
    ['src/stores/embedded/journal/erasure.ts', 3, 'conditions of the code, whose values are bound'],
    ['src/stores/embedded/journal/leases.ts', 1, columns],
    ['src/stores/embedded/journal/runs.ts', 5, columns],
  ),
  ...allowed('token-unchecked', [
    'src/policy/oauth/jwt.ts',
    1,
    'reads the issuer, to know by whose keys the signature is checked',
  ]),
];
