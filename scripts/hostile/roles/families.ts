// Calls made by chance, by families: some as they are meant, some that try to see what is hidden, some that are nonsense.

/** A request, as parts of a JSON-RPC message. */
export interface GeneratedCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Chance, as a generator of numbers from 0 to 1. */
type Chance = () => number;

type Make<T> = (chance: Chance) => T;

const pick = <T>(chance: Chance, all: readonly T[]): T => all[Math.floor(chance() * all.length)] as T;
const oneOf =
  <T>(...makers: readonly Make<T>[]): Make<T> =>
  (chance) =>
    pick(chance, makers)(chance);
const among =
  <T>(...all: readonly T[]): Make<T> =>
  (chance) =>
    pick(chance, all);
const times = <T>(chance: Chance, most: number, make: Make<T>): T[] =>
  Array.from({ length: Math.floor(chance() * (most + 1)) }, () => make(chance));

const odd = among<string>(
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
const number = among<unknown>(0, 1, -1, 0.5, 7, 59, 1e308, -1e308, 2 ** 53, {
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

function value(chance: Chance, depth = 0): unknown {
  if (depth > 3 || chance() < 0.6) return scalar(chance);
  if (chance() < 0.5) return times(chance, 4, (more) => value(more, depth + 1));
  return Object.fromEntries(times(chance, 4, (more) => [anyField(more), value(more, depth + 1)]));
}

const ownField = among('_id', 'tenant', 'total', 'item', 'note', 'note.text', 'lines', 'lines.sku');
const hiddenField = among('card', 'note.inner', 'lines.cost', 'lines.0.cost', 'card.x', 'pay');
const anyField: Make<string> = (chance) =>
  oneOf(ownField, ownField, ownField, ownField, hiddenField, odd)(chance);
const plain = among<unknown>('north', 'item 4', 5, 30, 1.5, true, null);

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

function filter(chance: Chance, depth = 0): Record<string, unknown> {
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

const collection: Make<unknown> = (chance) =>
  chance() < 0.75
    ? pick(chance, ['orders', 'orders', 'orders', 'own1', 'tenants'])
    : oneOf<unknown>(
        among('order', 'salaries', 'salarie', 'system.views'),
        odd,
        among<unknown>(1, null, {}, []),
      )(chance);
const database = among<unknown>('main', 'main', 'other', 'admin', 'main/orders', '', 'x'.repeat(70), 3);

/** Left out, mostly. */
const sometimes = <T>(chance: Chance, name: string, make: Make<T>, share = 0.25): Record<string, T> =>
  chance() < share ? { [name]: make(chance) } : {};

const connection = among<unknown>('elsewhere', 'elsewher', '', 5);
const target = (chance: Chance): Record<string, unknown> => ({
  collection: collection(chance),
  connection: chance() < 0.97 ? 'embedded' : connection(chance),
  ...sometimes(chance, 'database', database, 0.05),
  ...sometimes(chance, anyField(chance), value, 0.02),
});

const names: Make<Record<string, unknown>> = (chance) =>
  chance() < 0.6
    ? { [pick(chance, ['total', 'item', 'tenant'])]: 1 }
    : Object.fromEntries(
        times(chance, 3, (more) => [
          anyField(more),
          oneOf<unknown>(among<unknown>(0, 1, -1), expression)(more),
        ]),
      );

const stage: Make<unknown> = (chance) =>
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
    (more) => ({ $lookup: { from: collection(more), pipeline: times(more, 2, stage), as: anyField(more) } }),
    (more) => ({
      $unionWith: oneOf<unknown>(collection, (next) => ({
        coll: collection(next),
        pipeline: times(next, 2, stage),
      }))(more),
    }),
    (more) => ({
      $graphLookup: {
        from: collection(more),
        startWith: expression(more),
        connectFromField: anyField(more),
        connectToField: anyField(more),
        as: 'g',
      },
    }),
    (more) => ({ $facet: { a: times(more, 2, stage), b: times(more, 2, stage) } }),
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

const limit = among<unknown>(1, 2, 5, 50, 0, -1, 10_001, '3', 1.5);
const collation = among<unknown>({ locale: 'en', strength: 1 }, { locale: 'xx' }, {}, 'en');
const cursorText: Make<unknown> = oneOf<unknown>(odd, among('a.b.c', '1a2b3c4d.eyJ9.AAAAAAAAAAAAAAAAAAAAAA'));

const tool = (name: string, args: Make<Record<string, unknown>>): Make<GeneratedCall> => {
  return (chance) => {
    const given: unknown = chance() < 0.02 ? value(chance) : args(chance);
    return { method: 'tools/call', params: { name, arguments: given as Record<string, unknown> } };
  };
};

const reads = oneOf<GeneratedCall>(
  tool('find', (chance) => ({
    ...target(chance),
    filter: filter(chance),
    ...sometimes(chance, 'projection', names),
    ...sometimes(chance, 'sort', names),
    ...sometimes(chance, 'skip', number, 0.1),
    ...sometimes(chance, 'limit', limit),
    ...sometimes(chance, 'collation', collation, 0.05),
    ...sometimes(chance, 'cursor', cursorText, 0.05),
  })),
  tool('aggregate', (chance) => ({
    ...target(chance),
    pipeline: times(chance, 4, stage),
    ...sometimes(chance, 'collation', collation, 0.05),
  })),
  tool('aggregate', (chance) => ({ ...target(chance), pipeline: times(chance, 2, stage) })),
  tool('count', (chance) => ({ ...target(chance), filter: filter(chance) })),
  tool('distinct', (chance) => ({ ...target(chance), key: anyField(chance), filter: filter(chance) })),
  tool('explain', (chance) => ({
    ...target(chance),
    filter: filter(chance),
    ...sometimes(chance, 'pipeline', (more) => times(more, 2, stage)),
  })),
  tool('describe_collection', target),
  tool('list_collections', (chance) => sometimes(chance, 'database', database, 0.5)),
  tool('list_databases', (chance) => sometimes(chance, 'connection', among('embedded', 'elsewher'), 0.3)),
  tool('export', (chance) => ({
    ...target(chance),
    filter: filter(chance),
    limit: 3,
    ...sometimes(chance, 'format', among('csv', 'jsonl', 'extended_json', 'exe')),
    ...sometimes(chance, 'fields', (more) => times(more, 3, anyField)),
    ...sometimes(chance, 'file', odd, 0.1),
  })),
);

const document: Make<unknown> = oneOf<unknown>(
  (chance) => ({ tenant: 'north', total: chance(), item: plain(chance) }),
  (chance) => ({ tenant: 'north', note: { text: plain(chance) } }),
  (chance) => ({ tenant: 'north', total: chance(), [anyField(chance)]: value(chance) }),
  (chance) => ({ _id: Math.floor(chance() * 80), tenant: pick(chance, ['north', 'south']) }),
  (chance) => value(chance),
);
const updateOperator = among(
  '$set',
  '$unset',
  '$inc',
  '$push',
  '$pull',
  '$rename',
  '$max',
  '$addToSet',
  '$bit',
  '$nope',
  '$currentDate',
);
const changes = oneOf<GeneratedCall>(
  tool('update', (chance) => ({
    ...{ connection: 'embedded', collection: 'orders', filter: filter(chance), many: chance() < 0.5 },
    update: { $set: { [pick(chance, ['item', 'note.text', 'total', 'card'])]: plain(chance) } },
  })),
  tool('insert', (chance) => ({
    collection: pick(chance, ['orders', 'own1']),
    documents: [document(chance)],
  })),
  tool('insert', (chance) => ({ ...target(chance), documents: times(chance, 3, document) })),
  tool('update', (chance) => ({
    ...target(chance),
    filter: filter(chance),
    update: Object.fromEntries(
      times(chance, 2, (more) => [updateOperator(more), { [anyField(more)]: value(more) }]),
    ),
    ...sometimes(chance, 'many', among(true, false)),
    ...sometimes(chance, 'upsert', among(true)),
  })),
  tool('update', (chance) => ({
    ...target(chance),
    filter: filter(chance),
    pipeline: times(chance, 2, stage),
  })),
  tool('update', (chance) => ({ ...target(chance), filter: filter(chance), replacement: document(chance) })),
  tool('delete', (chance) => ({ ...target(chance), filter: { ...filter(chance), _id: { $gt: 60 } } })),
  tool('create_index', (chance) => ({
    ...target(chance),
    key: names(chance),
    ...sometimes(chance, 'unique', among(true)),
  })),
  tool('drop_index', (chance) => ({
    ...target(chance),
    name: oneOf<unknown>(odd, among('_id_', 'total_1'))(chance),
  })),
  tool('drop_collection', (chance) => ({
    collection: oneOf<unknown>(odd, among('own1', 'own2', 'salaries', 'orders'))(chance),
  })),
);

const documentId = oneOf<unknown>(
  among('inline/a', 'inline/b', 'documents/plan.txt', 'documents/plam.txt', 'documents/'),
  odd,
  among<unknown>(1, null),
);
const within = oneOf<string>(among('inline/', 'documents/', 'documents', 'doc'), odd);
const library = oneOf<GeneratedCall>(
  tool('search', (chance) => ({
    query: oneOf<unknown>(among('ferry', 'cargo', 'carries', 'a "quoted phrase"'), odd)(chance),
    mode: pick(chance, ['keyword', 'keyword', 'hybrid', 'semantic', 'other']),
    ...sometimes(chance, 'filter', filter),
    ...sometimes(chance, 'within', within),
    ...sometimes(chance, 'explain', among<unknown>(true, 1), 0.1),
    ...sometimes(chance, 'min_similarity', number, 0.1),
    ...sometimes(chance, 'limit', limit),
  })),
  tool('get_document', (chance) => ({
    id: documentId(chance),
    ...sometimes(chance, 'from_line', number),
    ...sometimes(chance, 'page', number),
  })),
  tool('similar_documents', (chance) => ({ id: documentId(chance), ...sometimes(chance, 'limit', limit) })),
  tool('list_documents', (chance) => ({
    ...sometimes(chance, 'within', within),
    ...sometimes(chance, 'cursor', cursorText),
  })),
  tool('list_sources', () => ({})),
  tool('ingest', (chance) => ({
    paths: times(chance, 3, oneOf<unknown>(odd, among<unknown>('/tmp', '/proc/self/environ', '~', 1))),
  })),
  tool('add_document', (chance) => ({
    name: pick(chance, ['a', 'b', 'c/d', '../x', odd(chance)]),
    text: pick(chance, ['The ferry.', '# A\n\nferry', odd(chance)]),
    ...sometimes(chance, 'metadata', (more) => ({ [anyField(more)]: value(more) })),
    ...sometimes(chance, 'type', among('text', 'html', 'pdf')),
  })),
  tool('remove_document', (chance) => ({ id: documentId(chance) })),
  tool('remove_source', (chance) => ({
    name: oneOf<unknown>(among('document', 'docs', 'inlin'), odd)(chance),
  })),
);

const runId = oneOf<unknown>(
  among('run-01m8t34jg8cbnf51advjk8dppv', 'run-0', 'run-01m8t34jg8cbnf51advjk8dppV'),
  odd,
);
const workflows = oneOf<GeneratedCall>(
  tool('list_workflows', () => ({})),
  tool('run_workflow', (chance) => ({
    workflow: oneOf<unknown>(among('greet', 'pay', 'gree', 'pa'), odd)(chance),
    ...sometimes(chance, 'input', value),
    ...sometimes(chance, 'wait_seconds', number, 0.1),
    ...sometimes(chance, 'idempotency_key', oneOf<unknown>(among('k1', 'k2'), odd), 0.2),
  })),
  tool('get_run', (chance) => ({ run_id: runId(chance) })),
  tool('health', () => ({})),
);

const uri = oneOf<string>(
  (chance) =>
    `hydrogen://collections/${pick(chance, ['main', 'other', odd(chance)])}/${String(collection(chance))}`,
  (chance) => `hydrogen://documents/${String(documentId(chance))}`,
  (chance) => `hydrogen://runs/${String(runId(chance))}`,
  (chance) =>
    `hydrogen://exports/${pick(chance, ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.jsonl', '../keys.json', odd(chance)])}`,
  among(
    'health://live',
    'health://ready',
    'health://detail',
    'health://x',
    'hydrogen://x',
    'file:///etc/passwd',
  ),
  odd,
);
const resources: Make<GeneratedCall> = (chance) => {
  const roll = chance();
  if (roll < 0.03) return { method: 'resources/list', params: sometimes(chance, 'cursor', cursorText) };
  if (roll < 0.06)
    return { method: 'resources/templates/list', params: sometimes(chance, 'cursor', cursorText) };
  return { method: 'resources/read', params: { uri: uri(chance) } };
};

const templates = [
  'hydrogen://collections/{database}/{collection}',
  'hydrogen://documents/{+id}',
  'hydrogen://runs/{id}',
  'hydrogen://exports/{id}',
];
const promptNames = ['answer_from_documents', 'explore_collection', 'brief'];
const argumentName = oneOf(among('database', 'collection', 'id', 'topic', 'question'), odd);
const completions: Make<GeneratedCall> = (chance) => ({
  method: 'completion/complete',
  params: {
    ref:
      chance() < 0.5
        ? { type: 'ref/resource', uri: pick(chance, [...templates, ...templates, uri(chance)]) }
        : { type: 'ref/prompt', name: pick(chance, [...promptNames, odd(chance)]) },
    argument: { name: argumentName(chance), value: pick(chance, ['', 'o', 's', 'documents/', odd(chance)]) },
    ...(chance() < 0.3 && {
      context: { arguments: { database: pick(chance, ['main', 'other', odd(chance)]) } },
    }),
  },
});

const promptText = oneOf<unknown>(among('orders', 'salaries', 'ferries'), odd, number);
const prompts: Make<GeneratedCall> = (chance) =>
  chance() < 0.05
    ? { method: 'prompts/list', params: {} }
    : {
        method: 'prompts/get',
        params: {
          name: pick(chance, [...promptNames, odd(chance)]),
          arguments: Object.fromEntries(times(chance, 2, (more) => [argumentName(more), promptText(more)])),
        },
      };

/** Params that are none of the method. */
const nonsense: Make<GeneratedCall> = (chance) => ({
  method: pick(chance, [
    'tools/call',
    'resources/read',
    'prompts/get',
    'completion/complete',
    'tools/list',
    'x/y',
  ]),
  params: Object.fromEntries(
    times(chance, 3, (more) => [
      pick(more, ['name', 'uri', 'arguments', 'ref', 'argument', 'cursor', 'z']),
      value(more),
    ]),
  ),
});

export const families = {
  reads,
  changes,
  library,
  workflows,
  resources,
  completions,
  prompts,
  nonsense,
} as const;
export type FamilyName = keyof typeof families;
