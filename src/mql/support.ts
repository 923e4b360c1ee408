import { MinKey } from 'bson';
import { ACCUMULATORS, REFUSED_ACCUMULATORS } from './accumulators/registry.ts';
import { EXPRESSIONS, REFUSED_EXPRESSIONS } from './expressions/registry.ts';
import { projectionOperators } from './projection/find.ts';
import { queryOperators, REFUSED_QUERY } from './query/filter.ts';
import { REFUSED_STAGES, STAGES, WRITE_STAGES } from './stages/registry.ts';
import { updateOperators } from './update/operators.ts';
import { WINDOW_FUNCTIONS } from './windows/stage.ts';

const names = (table: object): string[] => Object.keys(table).sort();

/** Everything the engine supports, by name, derived from its own tables. */
export const support: {
  readonly query: readonly string[];
  readonly projection: readonly string[];
  readonly stages: readonly string[];
  /** Stages allowed at the end of a pipeline that is run as a write. */
  readonly writes: readonly string[];
  readonly accumulators: readonly string[];
  readonly windows: readonly string[];
  readonly expressions: readonly string[];
  readonly update: readonly string[];
} = {
  query: [...queryOperators].sort(),
  projection: projectionOperators,
  stages: names(STAGES),
  writes: WRITE_STAGES,
  accumulators: names(ACCUMULATORS),
  windows: names(WINDOW_FUNCTIONS),
  expressions: names(EXPRESSIONS),
  update: [...updateOperators].sort(),
};

/** MongoDB names that the engine refuses, with what to do instead (possibly empty). */
export const refused: {
  readonly [kind in 'query' | 'stages' | 'accumulators' | 'expressions']: Readonly<Record<string, string>>;
} = {
  query: REFUSED_QUERY,
  stages: REFUSED_STAGES,
  accumulators: REFUSED_ACCUMULATORS,
  expressions: REFUSED_EXPRESSIONS,
};

/** Unsupported forms of supported operators: a description, and a stage that uses the form. */
export const limits: readonly {
  readonly what: string;
  readonly example: Readonly<Record<string, unknown>>;
}[] = [
  {
    what: 'PCRE constructs that JavaScript lacks (atomic groups, possessive quantifiers, recursion, inline options within a pattern, `\\G`, `\\K`, `\\R`, `\\X` …)',
    example: { $match: { a: { $regex: '(?>a)b' } } },
  },
  {
    what: '`$geoWithin` with `$geometry` or `$polygon`; stored shapes other than points',
    example: {
      $match: {
        a: {
          $geoWithin: {
            $polygon: [
              [0, 0],
              [1, 1],
              [1, 0],
            ],
          },
        },
      },
    },
  },
  {
    what: 'keywords of `$jsonSchema`: `$ref`, `$schema`, `default`, `definitions`, `format`, `id` (MongoDB has none of them either)',
    example: { $match: { $jsonSchema: { format: 'date' } } },
  },
  {
    what: 'trigonometry of decimals',
    example: { $project: { a: { $sin: { $toDecimal: 2 } } } },
  },
  {
    what: '`$percentile` and `$median` with a method other than `approximate`',
    example: { $group: { _id: null, a: { $median: { input: '$a', method: 'continuous' } } } },
  },
  {
    what: '`granularity` of `$bucketAuto` with decimals',
    example: { $bucketAuto: { groupBy: { $toDecimal: 1 }, buckets: 2, granularity: 'R5' } },
  },
  { what: '`$meta`, in projections and sorts', example: { $sort: { a: { $meta: 'textScore' } } } },
  { what: 'sorting by `$natural`', example: { $sort: { $natural: 1 } } },
  {
    what: 'the variables `$$CLUSTER_TIME`, `$$USER_ROLES`, `$$SEARCH_META`',
    example: { $project: { a: '$$USER_ROLES' } },
  },
  {
    what: 'a minKey, maxKey or code in a `$group` at the beginning that another stage reads, where MongoDB changes it',
    example: { $bucket: { groupBy: '$a', boundaries: [0, 1], default: new MinKey() } },
  },
];

/** The supported collation options. */
export const collationSupport =
  '`locale`, `strength` 1 to 3, `caseLevel` with strength 1, `caseFirst`, `numericOrdering`, `alternate` with `maxVariable: "punct"`, `backwards` with `en` and `fr`; other options, and `$in` of a field in `$expr`, are refused by name';
