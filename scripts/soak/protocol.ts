import { setTimeout as delay } from 'node:timers/promises';
import { type Action, oneOf } from './action.ts';
import { assert, type Connection } from './connection.ts';

/** Wrong input: a tool, its arguments and what the refusal says. */
const wrong: readonly (readonly [tool: string, args: Record<string, unknown>, says: RegExp])[] = [
  ['search', { query: '' }, /"query"/],
  ['search', { query: 'water', limit: 'many' }, /"limit" must be/],
  ['search', { query: 'water', filter: { title: { $near: 1 } } }, /\$near/],
  ['find', {}, /"collection" is missing/],
  ['find', { collection: 'technologies', filtre: {} }, /did you mean "filter"/],
  ['find', { collection: 'technologies', filter: { $where: '1' } }, /\$where is refused/],
  ['find', { collection: 'technologies', filter: { a: { $regex: '(' } } }, /regular expression/i],
  ['find', { collection: 'technologies', cursor: 'x'.repeat(200) }, /cursor/],
  ['aggregate', { collection: 'technologies', pipeline: [{ $out: 'x' }] }, /\$out is refused/],
  ['aggregate', { collection: 'technologies', pipeline: [{ $nope: 1 }] }, /\$nope/],
  ['count', { collection: 'no_such' }, /no collection "no_such"/],
  ['get_document', { id: 'documents/none.md' }, /no document/i],
  ['get_run', { run_id: 'none' }, /no run/],
  ['run_workflow', { workflow: 'none' }, /no workflow/],
  ['insert', { collection: 'soak_wrong', documents: [] }, /"documents"/],
  ['update', { collection: 'technologies', filter: {}, update: { value: 1 } }, /needs operators/],
  ['ingest', { paths: ['/etc/passwd'] }, /allowed|folder/],
];

/** Starts a long call and leaves before it is answered. */
async function cancelled({ client, timed, random }: Connection): Promise<void> {
  const control = new AbortController();
  const pipeline = [
    { $lookup: { from: 'technologies', pipeline: [{ $match: { value: { $gt: 1 } } }], as: 'a' } },
    { $unwind: '$a' },
    { $group: { _id: '$a.source', n: { $sum: 1 } } },
  ];
  const request = { name: 'aggregate', arguments: { collection: 'technologies', pipeline } };
  const options = { signal: control.signal, timeout: 120_000 };
  const call = timed('aggregate, cancelled', () => client.callTool(request, options)).then(
    () => 'answered',
    () => 'left',
  );
  await delay(random() * 60);
  control.abort();
  await call;
}

/** What clients do beside calling tools that answer. */
export const protocolActions: readonly Action[] = [
  {
    name: 'wrong input',
    weight: 8,
    async run({ refused, random }) {
      const [tool, args, says] = oneOf(wrong, random);
      await refused(tool, args, says);
    },
  },
  {
    name: 'wrong requests',
    weight: 3,
    async run({ client, fails }) {
      await fails(
        'no such tool',
        () => client.callTool({ name: 'no_such_tool', arguments: {} }),
        /no_such_tool/,
      );
      const uri = 'hydrogen://documents/none.md';
      await fails('no such resource', () => client.readResource({ uri }), /none\.md/);
    },
  },
  { name: 'cancelled', weight: 2, run: cancelled },
  {
    name: 'resources',
    weight: 4,
    async run({ client, timed, random }) {
      const { resources } = await timed('resources/list', () => client.listResources());
      assert(resources.length > 20, 'resources are missing', resources.length);
      const { uri } = oneOf(resources, random);
      const gone = /inline|changing|soak_/.test(uri);
      const read = timed('resources/read', () => client.readResource({ uri }));
      // Another client may have removed it since.
      if (gone) return void (await read.catch(() => {}));
      assert((await read).contents.length === 1, `${uri} has no content`);
    },
  },
  {
    name: 'prompts and completion',
    weight: 4,
    async run({ client, timed }) {
      const { prompts } = await timed('prompts/list', () => client.listPrompts());
      assert(prompts.length === 3, 'prompts are missing', prompts);
      const topic = 'salt caverns';
      const { messages } = await timed('prompts/get', () =>
        client.getPrompt({ name: 'brief', arguments: { topic } }),
      );
      assert(JSON.stringify(messages).includes(topic), 'a prompt does not hold its argument');
      const { completion } = await timed('completion/complete', () =>
        client.complete({
          ref: { type: 'ref/prompt', name: 'explore_collection' },
          argument: { name: 'collection', value: 'tech' },
        }),
      );
      assert(completion.values.includes('technologies'), 'a completion is missing', completion.values);
    },
  },
  {
    name: 'list tools',
    weight: 2,
    async run({ client, timed }) {
      const { tools } = await timed('tools/list', () => client.listTools());
      assert(tools.length === 28, `there are ${tools.length} tools`);
    },
  },
];
