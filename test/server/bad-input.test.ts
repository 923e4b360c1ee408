import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failure } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { clientOf, connected, sharedApp } from '../support/connected.ts';
import { linkFolder } from '../support/links.ts';

const data = { electrolysers: [{ type: 'PEM' }], storage: [{ kind: 'cavern' }], technologies: [{}] };
const app = sharedApp({ data, settings: { sampleWorkflows: true } });
const electrolysers = { collection: 'electrolysers' };

test.each<[string, string, Record<string, unknown>, RegExp]>([
  [
    'an unknown argument',
    'find',
    { colection: 'x' },
    /unknown argument "colection": did you mean "collection"\?/,
  ],
  [
    'an argument of the wrong type',
    'find',
    { ...electrolysers, limit: 'ten' },
    /argument "limit" must be a (whole )?number, not text/,
  ],
  ['a limit of nothing', 'find', { ...electrolysers, limit: 0 }, /argument "limit" must be at least 1\./],
  [
    'a limit beyond all',
    'find',
    { ...electrolysers, limit: 100_000 },
    /argument "limit" must be at most 10000\./,
  ],
  [
    'a format that there is not',
    'export',
    { ...electrolysers, format: 'excel' },
    /argument "format" must be one of "jsonl", "extended_json", "csv"\./,
  ],
  [
    'an argument like no other',
    'count',
    { ...electrolysers, query: {} },
    /unknown argument "query": the arguments are database, collection, filter, collation\./,
  ],
  [
    'a filter that is text',
    'find',
    { ...electrolysers, filter: 'a: 1' },
    /argument "filter" must be an object, not text/,
  ],
  [
    'an unknown collection',
    'count',
    { collection: 'electrolyzers' },
    /no collection "electrolyzers".*"electrolysers"/,
  ],
  [
    'a collection like no other',
    'count',
    { collection: 'zzz' },
    /no collection "zzz".*There is "electrolysers", "storage"/,
  ],
  ['an unknown database', 'find', { ...electrolysers, database: 'mian' }, /no database "mian".*"main"/],
  [
    'an id that is none',
    'find',
    { ...electrolysers, filter: { _id: { $oid: 'xyz' } } },
    /argument "filter" is not valid Extended JSON/,
  ],
  [
    'a filter that is one value',
    'count',
    { ...electrolysers, filter: { $date: '2026-01-31T00:00:00Z' } },
    /argument "filter" must be an object of names, not the single value that \$date stands for\./,
  ],
  [
    'a filter that is no value',
    'find',
    { ...electrolysers, filter: { $undefined: true } },
    /argument "filter" must be an object of names, not the single value that \$undefined stands for\./,
  ],
  [
    'a stage that is one value',
    'aggregate',
    { ...electrolysers, pipeline: [{ $oid: '0123456789abcdef01234567' }] },
    /argument "pipeline\.0" must be an object of names, not the single value that \$oid stands for\./,
  ],
  ['$where', 'find', { ...electrolysers, filter: { $or: [{ $where: '1' }] } }, /\$where is refused/],
  ['$out', 'aggregate', { ...electrolysers, pipeline: [{ $out: 'x' }] }, /\$out is refused/],
  [
    '$merge in a facet',
    'aggregate',
    { ...electrolysers, pipeline: [{ $facet: { a: [{ $merge: 'x' }] } }] },
    /\$merge is refused/,
  ],
  [
    '$function in a projection',
    'find',
    { ...electrolysers, projection: { a: { $function: {} } } },
    /\$function is refused/,
  ],
  ['an unknown operator', 'find', { ...electrolysers, filter: { a: { $gte: 1, $lss: 2 } } }, /\$lss/],
  ['an unknown stage', 'aggregate', { ...electrolysers, pipeline: [{ $macth: {} }] }, /\$macth/],
  ['an operator that is not there', 'find', { ...electrolysers, filter: { a: { $near: [1, 2] } } }, /\$near/],
  ['an unknown document', 'get_document', { id: 'nothing' }, /no document "nothing"/i],
  ['an unknown workflow', 'run_workflow', { workflow: 'electrolyser-cost-breif' }, /electrolyser-cost-brief/],
  ['an unknown run', 'get_run', { run_id: 'run-x' }, /run-x/],
  ['a question that is empty', 'search', { query: '   ' }, /argument "query"/],
])('%s is refused, and the message says what to do', async (_what, tool, args, message) => {
  const client = await clientOf(app());
  expect(await failure(client, tool, args)).toMatch(message);
});

test.each(['ingest', 'add_document', 'remove_document'])(
  '%s is not offered unless it is enabled',
  async (name) => {
    const { client } = await connected();
    expect((await client.listTools()).tools.map((tool) => tool.name)).not.toContain(name);
    expect(await failure(client, name)).toMatch(
      `The tool "${name}" is switched off here: the setting enableIngest (HYDROGEN_ENABLE_INGEST) is false.`,
    );
  },
);

test('a tool that is switched off does not appear', async () => {
  const { client } = await connected({ settings: { disabledTools: ['aggregate'] } });
  expect((await client.listTools()).tools.map((tool) => tool.name)).not.toContain('aggregate');
  expect(await failure(client, 'aggregate', { ...electrolysers, pipeline: [] })).toMatch(
    /"aggregate" is switched off here: the setting disabledTools \(HYDROGEN_DISABLED_TOOLS\) names it/,
  );
});

async function library() {
  const base = await realpath(await temporaryDirectory());
  const docs = join(base, 'docs');
  await mkdir(docs);
  await writeFile(join(base, 'secret.md'), '# Secret');
  await writeFile(join(docs, 'binary.md'), Buffer.from([0x23, 0x20, 0x00, 0xff, 0xfe, 0x00]));
  // Of a folder, which any user of Windows may make.
  await linkFolder(base, join(docs, 'link'));
  return connected({ settings: { enableIngest: true, folders: [docs] } });
}

test.each(['../secret.md', 'link/secret.md', '/etc/passwd'])(
  'the path %s outside the allowed folders is refused',
  async (path) => {
    const { client } = await library();
    expect(await failure(client, 'ingest', { paths: [path] })).toMatch(
      /not in the folders this server may read/,
    );
  },
);

test('a file that is not text is skipped with the reason', async () => {
  const { client } = await library();
  const answer = await client.callTool({ name: 'ingest', arguments: { paths: ['binary.md'] } });
  expect(JSON.stringify(answer.content)).toMatch(/binary\.md.*not text/);
});

test.each<[string, string, RegExp]>([
  ['that does not validate', 'do: nothing', /broken.*\/do/],
  [
    'with a task that is not supported',
    'do: [{ rest: { run: { shell: { command: ls } } } }]',
    /the task .*run/,
  ],
  ['that calls what is not there', 'do: [{ get: { call: fnid, with: {} } }]', /fnid.*find/],
])(
  'a workflow %s is listed with the place and the reason, and refused when it is run',
  async (_what, tasks, message) => {
    const folder = await temporaryDirectory();
    await writeFile(
      join(folder, 'broken.yaml'),
      `document: { dsl: '1.0.3', namespace: test, name: broken, version: '1.0.0' }\n${tasks}\n`,
    );
    const { client } = await connected({ settings: { workflowFolders: [folder] } });
    const listed = await client.callTool({ name: 'list_workflows', arguments: {} });
    expect(JSON.stringify(listed.content)).toMatch(message);
    expect(await failure(client, 'run_workflow', { workflow: 'broken' })).toMatch(/broken/);
  },
);
