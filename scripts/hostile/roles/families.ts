// Calls made by chance, by families: some as they are meant, some that try to see what is hidden, some that are nonsense.
import {
  among,
  anyField,
  collation,
  collection,
  cursorText,
  database,
  filter,
  limit,
  type Make,
  names,
  number,
  odd,
  oneOf,
  pick,
  plain,
  sometimes,
  stage,
  target,
  times,
  value,
} from './values.ts';

/** A request, as parts of a JSON-RPC message. */
export interface GeneratedCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

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
    ...sometimes(chance, 'array_filters', (more) => [{ [`e.${anyField(more)}`]: value(more) }], 0.1),
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
