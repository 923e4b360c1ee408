// What a caller might try on the tools that only read, as data: each entry is refused, or harmless.

export interface Attempt {
  readonly what: string;
  readonly tool: 'find' | 'aggregate' | 'count' | 'distinct';
  /** Without `collection`, which is `notes` unless it is the point. */
  readonly args: Record<string, unknown>;
  /** What the refusal says. Without it the call may answer or fail, but nothing may come of it. */
  readonly refused?: RegExp;
  /** For what is about one kind of store only. */
  readonly only?: 'embedded' | 'server';
}

const none = /is refused/;

function nested(depth: number, leaf: unknown, wrap: (inner: unknown) => unknown): unknown {
  let value = leaf;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

const pipeline = (...stages: unknown[]) => ({ pipeline: stages });
const facet = (...stages: unknown[]) => ({ $facet: { x: stages } });
const lookup = (...stages: unknown[]) => ({ $lookup: { from: 'notes', as: 'x', pipeline: stages } });
const union = (...stages: unknown[]) => ({ $unionWith: { coll: 'notes', pipeline: stages } });
const out = { $out: 'stolen' };
const merge = { $merge: { into: 'stolen' } };
const script = 'function() { while (true) {} }';

const writing: readonly Attempt[] = [
  { what: '$out at the end', tool: 'aggregate', args: pipeline(out), refused: none },
  {
    what: '$out to another database',
    tool: 'aggregate',
    args: pipeline({ $out: { db: 'other', coll: 'stolen' } }),
    refused: none,
  },
  { what: '$out at the start', tool: 'aggregate', args: pipeline(out, { $match: {} }), refused: none },
  {
    what: '$out beside another operator',
    tool: 'aggregate',
    args: pipeline({ $match: {}, ...out }),
    refused: none,
  },
  { what: '$merge by its name only', tool: 'aggregate', args: pipeline({ $merge: 'stolen' }), refused: none },
  {
    what: '$merge into the collection itself',
    tool: 'aggregate',
    args: pipeline({ $merge: { into: 'notes', whenMatched: 'replace' } }),
    refused: none,
  },
  {
    what: '$merge with a pipeline',
    tool: 'aggregate',
    args: pipeline({ $merge: { into: 'notes', whenMatched: [{ $set: { owned: true } }] } }),
    refused: none,
  },
  { what: '$out in a facet', tool: 'aggregate', args: pipeline(facet(out)), refused: none },
  { what: '$merge in a facet', tool: 'aggregate', args: pipeline(facet(merge)), refused: none },
  { what: '$out in a lookup', tool: 'aggregate', args: pipeline(lookup(out)), refused: none },
  { what: '$merge in a lookup', tool: 'aggregate', args: pipeline(lookup(merge)), refused: none },
  { what: '$out in a union', tool: 'aggregate', args: pipeline(union(out)), refused: none },
  { what: '$merge in a union', tool: 'aggregate', args: pipeline(union(merge)), refused: none },
  {
    what: '$out in a lookup in a facet in a union',
    tool: 'aggregate',
    args: pipeline(union(facet(lookup(out)))),
    refused: none,
  },
  {
    what: '$merge eight lookups deep',
    tool: 'aggregate',
    args: pipeline(nested(8, merge, (inner) => lookup(inner))),
    refused: none,
  },
  {
    what: '$out as an expression',
    tool: 'aggregate',
    args: pipeline({ $project: { x: out } }),
    refused: none,
  },
  {
    what: '$out in an array in a filter',
    tool: 'find',
    args: { filter: { $or: [{ a: [out] }] } },
    refused: none,
  },
  { what: '$merge in a projection', tool: 'find', args: { projection: { a: merge } }, refused: none },
  { what: '$out as a sort', tool: 'find', args: { sort: out }, refused: none },
  { what: 'stages in an array in an array', tool: 'aggregate', args: { pipeline: [[out]] } },
  { what: 'a pipeline as text', tool: 'aggregate', args: { pipeline: '[{"$out":"stolen"}]' } },
  { what: 'a stage of update operators', tool: 'aggregate', args: pipeline({ $set: { $set: { a: 1 } } }) },
  { what: 'update operators in a filter', tool: 'find', args: { filter: { $set: { a: 1 } } } },
  { what: 'a command as a filter', tool: 'find', args: { filter: { drop: 'notes' } } },
  { what: 'a command as a stage', tool: 'aggregate', args: pipeline({ drop: 'notes' }) },
];

const javascript: readonly Attempt[] = [
  { what: '$where as text', tool: 'find', args: { filter: { $where: script } }, refused: none },
  { what: '$where as code', tool: 'find', args: { filter: { $where: { $code: script } } }, refused: none },
  {
    what: '$where under logical operators',
    tool: 'count',
    args: { filter: { $and: [{ $nor: [{ $or: [{ $where: script }] }] }] } },
    refused: none,
  },
  {
    what: '$where in $elemMatch',
    tool: 'find',
    args: { filter: { a: { $elemMatch: { $where: script } } } },
    refused: none,
  },
  {
    what: '$where in $match',
    tool: 'aggregate',
    args: pipeline({ $match: { $where: script } }),
    refused: none,
  },
  {
    what: '$where in distinct',
    tool: 'distinct',
    args: { key: 'a', filter: { $where: script } },
    refused: none,
  },
  {
    what: '$where in restrictSearchWithMatch',
    tool: 'aggregate',
    args: pipeline({
      $graphLookup: {
        from: 'notes',
        startWith: '$a',
        connectFromField: 'a',
        connectToField: 'a',
        as: 'x',
        restrictSearchWithMatch: { $where: script },
      },
    }),
    refused: none,
  },
  {
    what: '$function in $expr',
    tool: 'find',
    args: { filter: { $expr: { $function: { body: script, args: [], lang: 'js' } } } },
    refused: none,
  },
  {
    what: '$function in a projection of find',
    tool: 'find',
    args: { projection: { a: { $function: { body: script, args: [], lang: 'js' } } } },
    refused: none,
  },
  {
    what: '$function deep in an expression',
    tool: 'aggregate',
    args: pipeline({
      $project: {
        a: {
          $map: {
            input: '$b',
            in: { $cond: [true, { $function: { body: script, args: [], lang: 'js' } }, 1] },
          },
        },
      },
    }),
    refused: none,
  },
  {
    what: '$accumulator in $group',
    tool: 'aggregate',
    args: pipeline({
      $group: {
        _id: null,
        a: { $accumulator: { init: script, accumulate: script, merge: script, lang: 'js' } },
      },
    }),
    refused: none,
  },
  {
    what: '$accumulator in $bucket and $setWindowFields',
    tool: 'aggregate',
    args: pipeline({ $setWindowFields: { output: { a: { $accumulator: {} } } } }),
    refused: none,
  },
  {
    what: 'what mapReduce is made of inside a server',
    tool: 'aggregate',
    args: pipeline({ $project: { a: { $_internalJsEmit: { this: '$$ROOT', eval: script } } } }),
    refused: none,
  },
  {
    what: 'mapReduce as a stage',
    tool: 'aggregate',
    args: pipeline({ mapReduce: 'notes', map: script, reduce: script, out: { inline: 1 } }),
  },
  {
    what: 'mapReduce as a filter',
    tool: 'find',
    args: { filter: { map: script, reduce: script, out: 'stolen' } },
  },
  { what: 'code as a value', tool: 'find', args: { filter: { a: { $code: script } } } },
  {
    what: 'code with scope as a value',
    tool: 'find',
    args: { filter: { a: { $code: script, $scope: {} } } },
  },
];

const disguised: readonly Attempt[] = [
  ['full-width dollar', '＄where'],
  ['small dollar', '﹩where'],
  ['full-width letters', '$ｗｈｅｒｅ'],
  ['zero-width space', '$wh\u200bere'],
  ['word joiner at the start', '\u2060$where'],
  ['byte order mark', '\ufeff$where'],
  ['soft hyphen', '$whe\u00adre'],
  ['right-to-left mark', '$where\u200f'],
  ['blank', ' $where'],
  ['tab', '$where\t'],
  ['null byte', '$where\u0000'],
  ['mathematical letters', '$𝐰𝐡𝐞𝐫𝐞'],
].map(([what, name = '']) => ({
  what: `$where with a ${what}`,
  tool: 'find' as const,
  args: { filter: { [name]: script } },
  refused: none,
}));

// Other letters make other names, which no engine knows.
const lookAlikes: readonly Attempt[] = [
  { what: '$out with a Cyrillic o', tool: 'aggregate', args: pipeline({ $оut: 'stolen' }) },
  { what: '$merge with a Cyrillic e', tool: 'aggregate', args: pipeline({ $mеrge: 'stolen' }) },
  { what: '$OUT in capitals', tool: 'aggregate', args: pipeline({ $OUT: 'stolen' }) },
  { what: '$where with an accent', tool: 'find', args: { filter: { $whére: script } } },
  { what: '€where', tool: 'find', args: { filter: { '€where': script } } },
  { what: 'an operator without a name', tool: 'find', args: { filter: { $: 1 } } },
];

const proto = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
const prototypes: readonly Attempt[] = [
  { what: '__proto__ in a filter', tool: 'find', args: { filter: proto('{"__proto__": {"polluted": 1}}') } },
  {
    what: '$where below __proto__',
    tool: 'find',
    args: { filter: proto('{"__proto__": {"$where": "1"}}') },
    refused: none,
  },
  {
    what: '__proto__ in a projection',
    tool: 'find',
    args: { projection: proto('{"__proto__": {"polluted": {"$literal": 1}}}') },
  },
  {
    what: '__proto__ as a computed field',
    tool: 'aggregate',
    args: pipeline({ $addFields: proto('{"__proto__": {"polluted": {"$literal": 1}}}') }),
  },
  {
    what: '__proto__ by $setField and $arrayToObject',
    tool: 'aggregate',
    args: pipeline(
      { $addFields: { a: { $setField: { field: '__proto__', input: '$$ROOT', value: { polluted: 1 } } } } },
      { $addFields: { b: { $arrayToObject: [[['__proto__', { polluted: 1 }]]] } } },
    ),
  },
  {
    what: '__proto__ as a path',
    tool: 'aggregate',
    args: pipeline({ $addFields: { '__proto__.polluted': 1 } }, { $sort: { '__proto__.polluted': 1 } }),
  },
  { what: 'constructor.prototype', tool: 'find', args: { filter: { 'constructor.prototype.polluted': 1 } } },
  {
    what: 'constructor as a computed field',
    tool: 'aggregate',
    args: pipeline({ $addFields: { constructor: { prototype: { polluted: 1 } } } }),
  },
  { what: 'names of Object.prototype as operators', tool: 'find', args: { filter: { $toString: 1 } } },
  { what: 'a stage named constructor', tool: 'aggregate', args: pipeline({ constructor: {} }) },
  { what: 'a distinct key __proto__', tool: 'distinct', args: { key: '__proto__.polluted' } },
  { what: 'toString as a field', tool: 'count', args: { filter: { toString: { $exists: true } } } },
];

const own = /server's own/;
const internal: readonly Attempt[] = [
  {
    what: 'users of a server',
    tool: 'find',
    args: { database: 'admin', collection: 'system.users' },
    refused: own,
    only: 'server',
  },
  {
    what: 'views of a database',
    tool: 'find',
    args: { collection: 'system.views' },
    refused: own,
    only: 'server',
  },
  {
    what: 'the replication log',
    tool: 'find',
    args: { database: 'local', collection: 'oplog.rs' },
    refused: own,
    only: 'server',
  },
  {
    what: 'settings of a server',
    tool: 'count',
    args: { database: 'config', collection: 'settings' },
    refused: own,
    only: 'server',
  },
  {
    what: 'a collection of admin',
    tool: 'aggregate',
    args: { database: 'admin', collection: 'x', ...pipeline() },
    refused: own,
    only: 'server',
  },
  {
    what: 'system.users of the embedded store',
    tool: 'find',
    args: { collection: 'system.users' },
    refused: /no collection/,
    only: 'embedded',
  },
  {
    what: '$lookup in system.users',
    tool: 'aggregate',
    args: pipeline({ $lookup: { from: 'system.users', localField: 'a', foreignField: 'a', as: 'x' } }),
    refused: own,
  },
  {
    what: '$lookup in another database',
    tool: 'aggregate',
    args: pipeline({ $lookup: { from: { db: 'admin', coll: 'system.users' }, pipeline: [], as: 'x' } }),
    refused: own,
  },
  {
    what: '$unionWith system.users',
    tool: 'aggregate',
    args: pipeline({ $unionWith: 'system.users' }),
    refused: own,
  },
  {
    what: '$unionWith in a lookup in a facet',
    tool: 'aggregate',
    args: pipeline(facet(lookup({ $unionWith: { coll: 'system.users' } }))),
    refused: own,
  },
  {
    what: '$graphLookup in the replication log',
    tool: 'aggregate',
    args: pipeline({
      $graphLookup: {
        from: { db: 'local', coll: 'oplog.rs' },
        startWith: '$a',
        connectFromField: 'a',
        connectToField: 'a',
        as: 'x',
      },
    }),
    refused: own,
  },
  ...['$currentOp', '$listSessions', '$listLocalSessions', '$queryStats', '$changeStream'].map(
    (stage): Attempt => ({ what: stage, tool: 'aggregate', args: pipeline({ [stage]: {} }), refused: none }),
  ),
  { what: 'a database name with a null byte', tool: 'find', args: { database: 'main\u0000admin' } },
  { what: 'a collection name that climbs', tool: 'find', args: { collection: '../../hydrogen' } },
  {
    what: 'a collection name of SQL',
    tool: 'find',
    args: { collection: "notes'; DROP TABLE documents; --" },
  },
  {
    what: 'a field name of SQL',
    tool: 'find',
    args: { filter: { "a' OR 1=1 --": 1 }, sort: { '"; DROP TABLE documents; --': 1 } },
  },
];

const deep = /nested more than 100 levels|too deep|levels deep/;
const large: readonly Attempt[] = [
  {
    what: 'a hundred levels of $and',
    tool: 'find',
    args: { filter: nested(101, { a: 1 }, (f) => ({ $and: [f] })) },
    refused: deep,
  },
  {
    what: 'a thousand levels of $not',
    tool: 'find',
    args: { filter: { a: nested(1_000, { $gt: 1 }, (f) => ({ $not: f })) } },
    refused: deep,
  },
  {
    what: 'a hundred levels of data',
    tool: 'find',
    args: { filter: { a: nested(120, 1, (f) => ({ a: f })) } },
    refused: deep,
  },
  {
    what: 'five thousand levels of arrays',
    tool: 'find',
    args: { filter: { a: nested(5_000, 1, (f) => [f]) } },
    refused: deep,
  },
  {
    what: 'a hundred levels of $cond',
    tool: 'aggregate',
    args: pipeline({ $project: { a: nested(101, 1, (e) => ({ $cond: [true, e, e && 1] })) } }),
    refused: deep,
  },
  {
    what: 'sixty levels of $lookup',
    tool: 'aggregate',
    args: pipeline(nested(60, { $match: {} }, (s) => lookup(s))),
    refused: deep,
  },
  {
    what: 'a path of a thousand components',
    tool: 'find',
    args: { filter: { [Array.from({ length: 1_000 }, () => 'a').join('.')]: 1 } },
  },
  {
    what: 'ten megabytes of text',
    tool: 'find',
    args: { filter: { a: 'x'.repeat(10_000_000) } },
    refused: /too large/,
  },
  {
    what: 'ten megabytes of conditions',
    tool: 'find',
    args: { filter: { $or: Array.from({ length: 500_000 }, (_, i) => ({ [`field${i % 100}`]: i })) } },
    refused: /too large/,
  },
  {
    what: 'ten megabytes of one field name',
    tool: 'count',
    args: { filter: { ['a'.repeat(10_000_000)]: 1 } },
    refused: /too large/,
  },
  {
    what: 'a list of a hundred thousand values',
    tool: 'count',
    args: { filter: { n: { $in: Array.from({ length: 100_000 }, (_, i) => i) } } },
  },
  {
    what: 'a range of two billion numbers',
    tool: 'aggregate',
    args: pipeline({ $project: { a: { $range: [0, 2_000_000_000] } } }),
    only: 'embedded',
  },
  {
    what: 'a product of collections that never ends',
    tool: 'aggregate',
    args: pipeline(...Array.from({ length: 8 }, () => [lookup(), { $unwind: '$x' }]).flat(), { $count: 'n' }),
  },
];

const hard = `${'a'.repeat(40)}!`;
/** Whatever the time limit of a call is. */
const stopped = /regular expression (was not sent|took too long on a single text)/;
const catastrophic: readonly Attempt[] = [
  ['nested quantifiers', '^(a+)+$'],
  ['overlapping alternatives', '^(a|aa)+$'],
  ['a back reference', '^(a*)*\\1b$'],
  ['repetitions that share a text', '^(.*a)*P'],
  ['many optional letters', '^(\\w+\\s?)*$'],
].map(([what, $regex]) => ({
  what: `a regular expression with ${what}`,
  tool: 'count' as const,
  args: { filter: { hard: { $regex } } },
  refused: stopped,
}));
const more: readonly Attempt[] = [
  {
    what: 'a catastrophic expression in $regexMatch',
    tool: 'aggregate',
    args: pipeline({ $project: { a: { $regexFindAll: { input: '$hard', regex: '^(a+)+$' } } } }),
    refused: stopped,
  },
  {
    what: 'a catastrophic pattern in a schema',
    tool: 'find',
    args: { filter: { $jsonSchema: { properties: { hard: { pattern: '^(a+)+$' } } } } },
    refused: stopped,
  },
  {
    what: 'a catastrophic expression that only the data tell',
    tool: 'aggregate',
    args: pipeline({ $project: { a: { $regexMatch: { input: '$hard', regex: '$bad' } } } }),
    refused: /regular expression took too long on a single text/,
    only: 'embedded',
  },
  {
    what: 'many repetitions in a row',
    tool: 'count',
    args: { filter: { hard: { $regex: `^${'a?'.repeat(40)}a{20}$` } } },
    refused: stopped,
  },
  {
    what: 'a regular expression of a megabyte',
    tool: 'find',
    args: { filter: { hard: { $regex: `(${'a|'.repeat(500_000)}b)` } } },
    refused: /may be 32,764 bytes/,
  },
  {
    what: 'a quantifier of a billion',
    tool: 'find',
    args: { filter: { hard: { $regex: 'a{1000000000}' } } },
  },
];

/** The documents that the attempts are made on. */
export const notes = [
  { _id: 1, a: 1, hard, bad: '^(a+)+$' },
  { _id: 2, a: 2, b: [1, 2], hard },
  { _id: 3, a: 3, hard: 'plain' },
];

export const attempts: readonly Attempt[] = [
  ...writing,
  ...javascript,
  ...disguised,
  ...lookAlikes,
  ...prototypes,
  ...internal,
  ...large,
  ...catastrophic,
  ...more,
];
