// Clients differ in how they write what a model means: an object as text, null or "" for what is not given. Every tool
// takes these forms at the top level of its arguments, and nowhere else.
import { describe, expect, test } from 'vitest';
import { tools } from '../../src/tools/tools.ts';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { clientOf, connected, sharedApp } from '../support/connected.ts';

type Arguments = Readonly<Record<string, unknown>>;

const plants = { collection: 'plants' };
const query = { ...plants, filter: { mw: { $gt: 5 } } };

/** A value for each argument of each tool. */
const values: Readonly<Record<string, Arguments>> = {
  search: {
    query: 'gas',
    filter: {},
    within: 'a',
    mode: 'keyword',
    limit: 2,
    min_similarity: 0.5,
    explain: true,
  },
  get_document: { id: 'inline/caverns', from_line: 1, to_line: 2, page: 1 },
  list_documents: { within: 'inline', limit: 2, cursor: 'x' },
  similar_documents: { id: 'inline/caverns', limit: 2 },
  list_sources: {},
  list_databases: { connection: 'embedded' },
  list_collections: { connection: 'embedded', database: 'main' },
  describe_collection: { ...plants, connection: 'embedded', database: 'main' },
  find: {
    ...query,
    connection: 'embedded',
    database: 'main',
    projection: { mw: 1 },
    sort: { mw: -1 },
    skip: 1,
    collation: { locale: 'en' },
    limit: 2,
    cursor: 'x',
  },
  aggregate: {
    ...plants,
    connection: 'embedded',
    database: 'main',
    pipeline: [{ $count: 'n' }],
    limit: 2,
    collation: { locale: 'en' },
  },
  count: { ...query, connection: 'embedded', database: 'main', collation: { locale: 'en' } },
  distinct: {
    ...query,
    connection: 'embedded',
    database: 'main',
    key: 'mw',
    limit: 2,
    collation: { locale: 'en' },
  },
  explain: {
    ...query,
    connection: 'embedded',
    database: 'main',
    sort: { mw: 1 },
    pipeline: [],
    collation: { locale: 'en' },
  },
  export: {
    ...query,
    connection: 'embedded',
    database: 'main',
    projection: { mw: 1 },
    sort: { mw: 1 },
    limit: 1,
    format: 'csv',
    fields: ['mw'],
    file: 'x',
    bom: true,
  },
  list_workflows: {},
  run_workflow: { workflow: 'nosuch', input: { a: 1 }, wait_seconds: 0.5, idempotency_key: 'k' },
  get_run: { run_id: 'nosuch', wait_seconds: 0 },
  health: {},
  ingest: { paths: ['nosuch'] },
  add_document: { name: 'note', text: '{"a":1}', title: 'Note', type: 'text', metadata: { n: 1 } },
  remove_document: { id: 'nosuch' },
  remove_source: { name: 'nosuch' },
  insert: { connection: 'embedded', database: 'main', collection: 'notes', documents: [{ a: 1 }] },
  update: {
    ...query,
    connection: 'embedded',
    database: 'main',
    update: { $set: { 'seen.$[any]': 1 } },
    pipeline: [{ $set: { seen: 1 } }],
    replacement: { a: 1 },
    many: true,
    upsert: false,
    array_filters: [{ any: 0 }],
  },
  delete: { ...plants, filter: { mw: 99 }, many: true, connection: 'embedded', database: 'main' },
  create_index: {
    ...plants,
    connection: 'embedded',
    database: 'main',
    key: { mw: 1 },
    name: 'by_mw',
    unique: false,
  },
  drop_index: { ...plants, connection: 'embedded', database: 'main', name: 'nosuch' },
  drop_collection: { collection: 'nosuch', connection: 'embedded', database: 'main' },
};

/** Arguments of which a call takes one, and which cannot be together. */
const alone: Readonly<Record<string, readonly string[]>> = {
  update: ['pipeline', 'replacement'],
  get_document: ['page'],
  explain: ['pipeline'],
};
const without: Readonly<Record<string, readonly string[]>> = {
  pipeline: ['update', 'replacement', 'array_filters', 'filter', 'sort'],
  replacement: ['update', 'pipeline', 'array_filters', 'many'],
  page: ['from_line', 'to_line'],
};

const app = sharedApp({
  data: { plants: [{ mw: 10, note: '{"a":1}' }, { mw: 3 }] },
  settings: { enableIngest: true, enableWrites: true, confirmWrites: 'never' },
});

interface Argument {
  readonly type?: string;
}

/** The arguments of a tool as its schema has them. */
function schemaOf(tool: string): {
  properties: Readonly<Record<string, Argument>>;
  required: readonly string[];
} {
  const { input } = tools.find(({ name }) => name === tool) ?? {};
  const { properties = {}, required = [] } =
    input?.toJSONSchema({ io: 'input', unrepresentable: 'any' }) ?? {};
  return { properties: properties as Record<string, Argument>, required };
}

/** The arguments of a tool of which one is looked at. */
function around(tool: string, argument: string): Record<string, unknown> {
  const isAlone = alone[tool]?.includes(argument) ?? false;
  const leftOut = [...(isAlone ? (without[argument] ?? []) : (alone[tool] ?? []))];
  const { required } = schemaOf(tool);
  return Object.fromEntries(
    Object.entries(values[tool] ?? {}).filter(
      ([name]) =>
        name === argument || required.includes(name) || !(leftOut.includes(name) || name === 'cursor'),
    ),
  );
}

/** What a tool answers: where it fails the message, else only that it does not, since a second call may find more. */
async function outcome(tool: string, args: object): Promise<string> {
  const client = await clientOf(app());
  const answer = await client.callTool({ name: tool, arguments: { ...args } });
  return answer.isError ? summaryOf(answer) : 'answered';
}

test('the table of this test has every tool and every argument', () => {
  expect(Object.keys(values)).toEqual(tools.map(({ name }) => name));
  for (const { name } of tools) {
    expect(Object.keys(values[name] ?? {}).sort(), name).toEqual(
      Object.keys(schemaOf(name).properties).sort(),
    );
  }
});

describe.each(tools.map(({ name }) => name))('%s', (tool) => {
  const { properties, required } = schemaOf(tool);
  const names = Object.keys(properties);
  const isText = (name: string): boolean => properties[name]?.type === 'string';

  test('takes objects, lists, numbers and booleans as text', async () => {
    for (const name of names.filter((other) => !isText(other))) {
      const args = around(tool, name);
      const plain = await outcome(tool, args);
      expect(plain, `${name} is taken`).not.toMatch(new RegExp(`argument "${name}"`));
      const asText = { ...args, [name]: JSON.stringify(args[name], null, 1) };
      expect(await outcome(tool, asText), name).toBe(plain);
    }
  });

  test('refuses text that is not what it wants', async () => {
    for (const name of names.filter((other) => !isText(other))) {
      for (const text of ['some text', '"text"', '[', '']) {
        const args = { ...around(tool, name), [name]: text };
        expect(await outcome(tool, args), `${name} ${text}`).toMatch(
          new RegExp(`${tool}: argument "${name}" must be .*, not text`),
        );
      }
    }
  });

  test('null means not given', async () => {
    for (const name of names) {
      const args = around(tool, name);
      const { [name]: _given, ...left } = args;
      expect(await outcome(tool, { ...args, [name]: null }), name).toBe(await outcome(tool, left));
      if (required.includes(name)) {
        expect(await outcome(tool, { ...args, [name]: null }), name).toMatch(`argument "${name}" is missing`);
      }
    }
  });

  test('an empty text means not given where text is optional', async () => {
    for (const name of names.filter(isText)) {
      const args = around(tool, name);
      const { [name]: _given, ...left } = args;
      const given = await outcome(tool, { ...args, [name]: '' });
      if (required.includes(name)) expect(given, name).not.toBe('answered');
      else expect(given, name).toBe(await outcome(tool, left));
    }
  });

  test(
    names.length === 0 ? 'ignores what it is given' : 'refuses an argument that it does not have',
    async () => {
      const given = await outcome(tool, { ...around(tool, ''), nosuch_argument: 1 });
      if (names.length === 0) expect(given).toBe('answered');
      else expect(given).toMatch(`${tool}: unknown argument "nosuch_argument"`);
    },
  );
});

test('an unknown argument is refused with the near name, also when it is null', async () => {
  expect(await outcome('find', { ...plants, filtre: null })).toMatch(
    'unknown argument "filtre": did you mean "filter"?',
  );
});

test('inside a filter, an update or a document, text stays text', async () => {
  const client = await clientOf(app());
  const text = '{"a":1}';
  const inserted = { collection: 'texts', documents: [{ _id: 1, number: '5', object: text, nothing: '' }] };
  await call(client, 'insert', inserted);
  const update = { $set: { list: '[1]', yes: 'true' } };
  await call(client, 'update', { collection: 'texts', filter: { _id: 1 }, update });
  const filter = JSON.stringify({ object: text });
  expect(rowsOf(await call(client, 'find', { collection: 'texts', filter }))).toEqual([
    { _id: 1, number: '5', object: text, nothing: '', list: '[1]', yes: 'true' },
  ]);
});

test('inside a document, null stays null', async () => {
  const client = await clientOf(app());
  await call(client, 'insert', { collection: 'nulls', documents: '[{"_id":1,"a":null}]' });
  expect(rowsOf(await call(client, 'find', { collection: 'nulls' }))).toEqual([{ _id: 1, a: null }]);
});

test('text that is wanted as text is not read', async () => {
  const client = await clientOf(app());
  await call(client, 'add_document', { name: 'json', text: '{"a":1}', type: 'text' });
  const { content } = await call(client, 'get_document', { id: 'inline/json' });
  expect(content[1]).toEqual({ type: 'text', text: '{"a":1}' });
});

test("the stages of an update are taken as `pipeline`, and as `update` as in MongoDB's shell", async () => {
  const stages = [{ $set: { twice: { $multiply: ['$mw', 2] } } }];
  const client = await clientOf(app());
  for (const [i, form] of [
    { pipeline: stages },
    { update: stages },
    { update: JSON.stringify(stages) },
  ].entries()) {
    const collection = `stages${i}`;
    await call(client, 'insert', { collection, documents: [{ _id: 1, mw: 2 }] });
    await call(client, 'update', { collection, filter: {}, ...form });
    expect(rowsOf(await call(client, 'find', { collection }))).toEqual([{ _id: 1, mw: 2, twice: 4 }]);
  }
  expect(await failure(client, 'update', { ...query, pipeline: stages, update: { $set: { a: 1 } } })).toMatch(
    /Give one of "update" \(operators\), "pipeline"/,
  );
});

test('text that is nested too deeply is not read', async () => {
  const { client } = await connected({ data: { plants: [{ mw: 1 }] } });
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
  expect(await failure(client, 'find', { ...plants, filter: deep })).toMatch(
    /"filter" must be an object, not text/,
  );
});
