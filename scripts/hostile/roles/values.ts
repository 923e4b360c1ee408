// What generated calls are made of: values, fields, filters, expressions and stages, some meant, some that try, some nonsense.

/** Chance, as a generator of numbers from 0 to 1. */
type Chance = () => number;

export type Make<T> = (chance: Chance) => T;

export const pick = <T>(chance: Chance, all: readonly T[]): T => all[Math.floor(chance() * all.length)] as T;
export const oneOf =
  <T>(...makers: readonly Make<T>[]): Make<T> =>
  (chance) =>
    pick(chance, makers)(chance);
export const among =
  <T>(...all: readonly T[]): Make<T> =>
  (chance) =>
    pick(chance, all);
export const times = <T>(chance: Chance, most: number, make: Make<T>): T[] =>
  Array.from({ length: Math.floor(chance() * (most + 1)) }, () => make(chance));

export const odd = among<string>(
  ...[
    '',
    ' ',
    'a b',
    '\u0000',
    '\u001b[31m',
    '\n',
    '\u202egnp',
    '水',
    '💧',
    'x'.repeat(300),
    '%00',
    '%',
    '..',
    '.',
    '/',
  ],
  ...[
    '../../etc/passwd',
    '/etc/passwd',
    'C:\\windows',
    'file:///etc/passwd',
    '$where',
    '__proto__',
    'constructor',
  ],
  ...[
    'system.users',
    'admin',
    'local',
    '*',
    '!orders',
    '{{name}}',
    '%7B%7Bx%7D%7D',
    "' or 1=1 --",
    '<script>',
    'null',
  ],
);
export const number = among<unknown>(0, 1, -1, 0.5, 7, 59, 1e308, -1e308, 2 ** 53, {
  $numberLong: '9223372036854775807',
});
const scalar: Make<unknown> = oneOf<unknown>(
  odd,
  number,
  among<unknown>(true, false, null, 'north', 'south', 'k', 'seen'),
  among<unknown>(
    { $oid: '0123456789abcdef01234567' },
    { $date: '2024-02-30' },
    { $numberDecimal: 'NaN' },
    { $binary: 1 },
  ),
  among<unknown>(
    { $regex: '(a+)+$' },
    { $regularExpression: { pattern: '^P', options: 'i' } },
    { $oid: 'x' },
  ),
);

export function value(chance: Chance, depth = 0): unknown {
  if (depth > 3 || chance() < 0.6) return scalar(chance);
  if (chance() < 0.5) return times(chance, 4, (more) => value(more, depth + 1));
  return Object.fromEntries(times(chance, 4, (more) => [anyField(more), value(more, depth + 1)]));
}

const ownField = among('_id', 'tenant', 'total', 'item', 'note', 'note.text', 'lines', 'lines.sku');
const hiddenField = among('card', 'note.inner', 'lines.cost', 'lines.0.cost', 'card.x', 'pay');
export const anyField: Make<string> = (chance) =>
  oneOf(ownField, ownField, ownField, ownField, hiddenField, odd)(chance);
export const plain = among<unknown>('north', 'item 4', 5, 30, 1.5, true, null);

const operator = among(
  ...[
    '$eq',
    '$ne',
    '$gt',
    '$gte',
    '$lt',
    '$lte',
    '$in',
    '$nin',
    '$exists',
    '$type',
    '$size',
    '$all',
    '$elemMatch',
  ],
  ...[
    '$not',
    '$mod',
    '$regex',
    '$options',
    '$where',
    '$expr',
    '$jsonSchema',
    '$text',
    '$near',
    '$nope',
    '$bitsAllSet',
  ],
);

const expressionName = among(
  ...[
    '$add',
    '$divide',
    '$concat',
    '$toInt',
    '$toString',
    '$cond',
    '$ifNull',
    '$map',
    '$filter',
    '$reduce',
    '$objectToArray',
  ],
  ...[
    '$getField',
    '$function',
    '$eq',
    '$gt',
    '$arrayElemAt',
    '$dateToString',
    '$regexMatch',
    '$let',
    '$literal',
    '$nope',
  ],
);
function expression(chance: Chance, depth = 0): unknown {
  if (depth > 2 || chance() < 0.4)
    return oneOf<unknown>(
      (more) => `$${anyField(more)}`,
      among<unknown>('$$ROOT', '$$CURRENT', '$$NOW', '$$x'),
      scalar,
    )(chance);
  const one = expressionName(chance);
  const args = chance() < 0.7 ? times(chance, 3, (more) => expression(more, depth + 1)) : value(chance);
  return { [one]: args };
}

export function filter(chance: Chance, depth = 0): Record<string, unknown> {
  if (chance() < 0.5)
    return pick<Record<string, unknown>>(chance, [
      {},
      { total: { $gt: Math.floor(chance() * 60) } },
      { tenant: 'north' },
      { card: { $exists: true } },
    ]);
  const condition = (more: Chance): [string, unknown] => {
    const roll = more();
    if (roll < 0.15 && depth < 3)
      return [pick(more, ['$and', '$or', '$nor']), times(more, 3, (next) => filter(next, depth + 1))];
    if (roll < 0.25) return ['$expr', expression(more)];
    if (roll < 0.3) return [operator(more), value(more)];
    if (roll < 0.6) return [anyField(more), { [operator(more)]: value(more) }];
    return [anyField(more), value(more)];
  };
  return Object.fromEntries(times(chance, 3, condition));
}

export const collection: Make<unknown> = (chance) =>
  chance() < 0.75
    ? pick(chance, ['orders', 'orders', 'orders', 'own1', 'tenants'])
    : oneOf<unknown>(
        among('order', 'salaries', 'salarie', 'system.views'),
        odd,
        among<unknown>(1, null, {}, []),
      )(chance);
export const database = among<unknown>(
  'main',
  'main',
  'other',
  'admin',
  'main/orders',
  '',
  'x'.repeat(70),
  3,
);

/** Left out, mostly. */
export const sometimes = <T>(chance: Chance, name: string, make: Make<T>, share = 0.25): Record<string, T> =>
  chance() < share ? { [name]: make(chance) } : {};

const connection = among<unknown>('elsewhere', 'elsewher', '', 5);
export const target = (chance: Chance): Record<string, unknown> => ({
  collection: collection(chance),
  connection: chance() < 0.97 ? 'embedded' : connection(chance),
  ...sometimes(chance, 'database', database, 0.05),
  ...sometimes(chance, anyField(chance), value, 0.02),
});

export const names: Make<Record<string, unknown>> = (chance) =>
  chance() < 0.6
    ? { [pick(chance, ['total', 'item', 'tenant'])]: 1 }
    : Object.fromEntries(
        times(chance, 3, (more) => [
          anyField(more),
          oneOf<unknown>(among<unknown>(0, 1, -1), expression)(more),
        ]),
      );

/** A pipeline of a join, or what a server might take for one. */
const innerPipeline: Make<unknown> = (chance) =>
  chance() < 0.85
    ? times(chance, 2, stage)
    : oneOf<unknown>(among<unknown>(null, {}, '[]', ''), value)(chance);

/** A name of a field that is not there as it stands. */
const computedName = among<unknown>(
  { $concat: ['ca', 'rd'] },
  { $literal: 'card' },
  { $toLower: 'CARD' },
  'card',
  '$item',
);

export const stage: Make<unknown> = (chance) =>
  oneOf<unknown>(
    (more) => ({ $match: filter(more) }),
    (more) => ({ $project: names(more) }),
    (more) => ({ $group: { _id: expression(more), all: { $push: expression(more) } } }),
    (more) => ({ $sort: names(more) }),
    (more) => ({ $set: { [anyField(more)]: expression(more) } }),
    (more) => ({
      $lookup: {
        from: collection(more),
        localField: anyField(more),
        foreignField: anyField(more),
        as: 'all',
      },
    }),
    (more) => ({ $lookup: { from: collection(more), pipeline: innerPipeline(more), as: anyField(more) } }),
    (more) => ({
      $lookup: {
        ...{ from: collection(more), as: 'all' },
        ...sometimes(more, 'localField', oneOf<unknown>(anyField, among<unknown>('', null)), 0.7),
        ...sometimes(more, 'foreignField', oneOf<unknown>(anyField, among<unknown>('', null)), 0.7),
        ...sometimes(more, 'pipeline', innerPipeline, 0.3),
      },
    }),
    (more) => ({
      $unionWith: oneOf<unknown>(collection, (next) => ({
        coll: collection(next),
        pipeline: innerPipeline(next),
      }))(more),
    }),
    (more) => ({ $project: { x: { $getField: { field: computedName(more), input: '$$ROOT' } } } }),
    (more) => ({
      $replaceWith: { $setField: { field: computedName(more), input: '$$ROOT', value: expression(more) } },
    }),
    (more) => ({ $replaceWith: { $mergeObjects: ['$$ROOT', expression(more)] } }),
    (more) => ({ $sortByCount: expression(more) }),
    (more) => ({
      $setWindowFields: {
        sortBy: { [anyField(more)]: 1 },
        output: { w: { $push: expression(more) }, v: { $shift: { output: `$${anyField(more)}`, by: -1 } } },
      },
    }),
    (more) => ({ $fill: { sortBy: { total: 1 }, output: { [anyField(more)]: { method: 'locf' } } } }),
    (more) => ({ $densify: { field: anyField(more), range: { step: 1, bounds: 'full' } } }),
    (more) => ({ $match: { $expr: { $gt: [{ $toInt: `$${anyField(more)}` }, 0] } } }),
    (more) => ({
      $graphLookup: {
        from: collection(more),
        startWith: expression(more),
        connectFromField: anyField(more),
        connectToField: anyField(more),
        as: 'g',
      },
    }),
    (more) => ({ $facet: { a: innerPipeline(more), b: times(more, 2, stage) } }),
    (more) => ({ $replaceRoot: { newRoot: expression(more) } }),
    (more) => ({ $unwind: `$${anyField(more)}` }),
    (more) => ({ $redact: expression(more) }),
    (more) => ({ $bucketAuto: { groupBy: expression(more), buckets: 3 } }),
    (more) => ({
      [pick(more, [
        '$out',
        '$merge',
        '$collStats',
        '$indexStats',
        '$search',
        '$documents',
        '$nope',
        '$limit',
        '$skip',
        '$count',
      ])]: value(more),
    }),
  )(chance);

export const limit = among<unknown>(1, 2, 5, 50, 0, -1, 10_001, '3', 1.5);
export const collation = among<unknown>({ locale: 'en', strength: 1 }, { locale: 'xx' }, {}, 'en');
export const cursorText: Make<unknown> = oneOf<unknown>(
  odd,
  among('a.b.c', '1a2b3c4d.eyJ9.AAAAAAAAAAAAAAAAAAAAAA'),
);
