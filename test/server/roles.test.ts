// What callers see whose roles narrow the library, workflows and tools; `rules` has the collections.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/call.ts';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { clientOf, openedApp } from '../support/connected.ts';

const operations = ['read', 'ingest', 'run', 'write', 'destroy'] as const;

const roles = {
  public: {
    operations: ['read'],
    sources: ['inline'],
    rows: [{ source: 'inline', filter: { level: 'open' } }],
  },
  nobody: { sources: ['nothing'] },
  runner: { operations: ['read', 'run'], workflows: ['greet*'], tools: ['*', '!health'] },
} as const;

const documents = [
  ['valves', 'Turn the valve slowly, says the manual of the ferry.', 'open'],
  ['tanks', 'The tank of the ferry is filled at night, says the manual.', 'open'],
  ['salaries', 'The captain of the ferry earns a lot, says the ledger.', 'closed'],
] as const;

const workflow = (name: string): string =>
  `document: { dsl: '1.0.3', namespace: test, name: ${name}, version: '1.0.0' }\ndo: [{ say: { set: { x: 1 } } }]\n`;

async function opened() {
  const folder = await temporaryDirectory();
  for (const name of ['greet', 'greet-all', 'pay'])
    await writeFile(join(folder, `${name}.yaml`), workflow(name));
  const app = await openedApp({
    settings: { roles, workflowFolders: [folder], enableIngest: true } as never,
  });
  for (const [name, text, level] of documents) {
    await app.library.add({ name, text, type: 'text', metadata: { level } }, testCall());
  }
  const as = (role: keyof typeof roles, more: Partial<Caller> = {}): Promise<Client> =>
    clientOf(app, { caller: { id: role, scopes: operations, roles: [role], ...more } });
  return { app, as };
}

const toolsOf = async (client: Client): Promise<string[]> =>
  (await client.listTools()).tools.map(({ name }) => name);

test('a role narrows what its callers may do, whatever their scopes say', async () => {
  const { as } = await opened();
  const tools = await toolsOf(await as('public'));
  expect(tools).toContain('search');
  expect(tools).not.toContain('run_workflow');
  expect(tools).not.toContain('add_document');
});

test('a tool that a role takes out does not exist', async () => {
  const { as } = await opened();
  const client = await as('runner');
  expect(await toolsOf(client)).not.toContain('health');
  await expect(client.callTool({ name: 'health' })).rejects.toThrow('Tool health not found');
  await expect(client.readResource({ uri: 'health://detail' })).rejects.toThrow(/not found/i);
});

test('of the library there are the rows of the role, without scores', async () => {
  const { as } = await opened();
  const client = await as('public');
  const found = rowsOf(await call(client, 'search', { query: 'ferry', mode: 'keyword' }));
  expect(found.map(({ document }) => document).sort()).toEqual(['inline/tanks', 'inline/valves']);
  for (const row of found) expect(row).not.toHaveProperty('score');
  expect(rowsOf(await call(client, 'list_documents')).map(({ id }) => id)).toEqual([
    'inline/tanks',
    'inline/valves',
  ]);
  expect(rowsOf(await call(client, 'list_sources'))).toMatchObject([
    { name: 'inline', documents: 2, passages: 2 },
  ]);
});

test('when a source was last read is said of the rows of the role only', async () => {
  const { app, as } = await opened();
  const lastOf = async (client: Client): Promise<unknown> =>
    rowsOf(await call(client, 'list_sources'))[0]?.['last_indexed'];
  const [narrowed, owner] = [await as('public'), await clientOf(app)];
  const [before, ofAll] = [await lastOf(narrowed), await lastOf(owner)];
  const hidden = { name: 'log', text: 'A log.', type: 'text', metadata: { level: 'closed' } } as const;
  await app.library.add(hidden, testCall());
  expect(await lastOf(owner)).not.toBe(ofAll);
  expect(await lastOf(narrowed)).toBe(before);
});

test('what one role reads whole is not changed beyond what another one may change', async () => {
  const roles = { reader: { operations: ['read'] }, adder: { operations: ['ingest'], sources: ['notes'] } };
  const app = await openedApp({ settings: { roles, enableIngest: true } as never });
  await app.library.add(
    { name: 'tanks', text: 'The tank is filled.', type: 'text', metadata: {} },
    testCall(),
  );
  const client = await clientOf(app, {
    caller: { id: 'ada', scopes: operations, roles: ['reader', 'adder'] },
  });
  const given = { name: 'valves', text: 'The valve is shut.' };
  expect(await failure(client, 'add_document', given)).toMatch(/roles do not narrow/);
  expect(await failure(client, 'remove_document', { id: 'inline/tanks' })).toMatch(/roles do not narrow/);
  const [found] = rowsOf(await call(client, 'search', { query: 'tank', mode: 'keyword' }));
  expect(found).toMatchObject({ document: 'inline/tanks', score: expect.any(Number) });
});

test.each([{ explain: true }, { min_similarity: 0.1 }])('scores cannot be asked for by %o', async (args) => {
  const { as } = await opened();
  expect(await failure(await as('public'), 'search', { query: 'ferry', ...args })).toMatch(
    /roles do not narrow/,
  );
});

test('a filter of the caller does not widen that of the role', async () => {
  const { as } = await opened();
  const client = await as('public');
  for (const filter of [
    { level: 'closed' },
    { $or: [{}, { level: 'closed' }] },
    { $nor: [{ level: 'open' }] },
  ]) {
    const rows = rowsOf(await call(client, 'search', { query: 'captain ledger', filter, mode: 'keyword' }));
    expect(rows.map(({ document }) => document)).not.toContain('inline/salaries');
  }
});

describe('a document that the role hides is as one that there is not', () => {
  test.each(['get_document', 'similar_documents'])('%s', async (tool) => {
    const { as } = await opened();
    const client = await as('public');
    const hidden = await failure(client, tool, { id: 'inline/salaries' });
    const missing = await failure(client, tool, { id: 'inline/salariez' });
    expect(hidden.replace('salaries', '…')).toBe(missing.replace('salariez', '…'));
  });

  test('as a resource, a completion and a subscription', async () => {
    const { as } = await opened();
    const client = await as('public');
    const uri = 'hydrogen://documents/inline/salaries';
    await expect(client.readResource({ uri })).rejects.toThrow(/There is no document/);
    const { resources } = await client.listResources();
    expect(resources.map((one) => one.uri)).not.toContain(uri);
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: 'hydrogen://documents/{+id}' },
      argument: { name: 'id', value: '' },
    });
    expect(completion.values).toEqual(['inline/tanks', 'inline/valves']);
  });
});

test('a list of documents is continued where it was cut', async () => {
  const { as } = await opened();
  const client = await as('public');
  const first = await call(client, 'list_documents', { limit: 1 });
  const [, cursor] = /cursor "([^"]+)"/.exec(summaryOf(first)) ?? [];
  const second = await call(client, 'list_documents', { limit: 1, cursor });
  expect([...rowsOf(first), ...rowsOf(second)].map(({ id }) => id)).toEqual([
    'inline/tanks',
    'inline/valves',
  ]);
  expect(summaryOf(second)).toMatch(/^1 of 2 documents. End of results/);
});

test('a role without any source finds nothing, and is told nothing of what there is', async () => {
  const { as } = await opened();
  const client = await as('nobody');
  const answer = await call(client, 'search', { query: 'ferry', mode: 'keyword' });
  expect(rowsOf(answer)).toEqual([]);
  expect(summaryOf(answer)).toBe('No passage found (keyword).');
  expect(rowsOf(await call(client, 'list_documents'))).toEqual([]);
});

test('what a role may not see of the library it cannot change', async () => {
  const { app } = await opened();
  const client = await clientOf(app, { caller: { id: 'n', scopes: operations, roles: ['nobody'] } });
  expect(await failure(client, 'remove_document', { id: 'inline/tanks' })).toMatch(/There is no document/);
  expect(await failure(client, 'add_document', { name: 'x', text: 'y' })).toMatch(/roles do not narrow/);
  expect(await failure(client, 'remove_source', { name: 'inline' })).toMatch(/There is no source "inline"/);
  expect((await app.library.list({ limit: 9 }, testCall())).total).toBe(3);
});

test('workflows that are not granted do not exist, also not as near names', async () => {
  const { as } = await opened();
  const client = await as('runner');
  const listed = await call(client, 'list_workflows');
  expect(JSON.stringify(listed.content)).not.toContain('pay');
  expect(await failure(client, 'run_workflow', { workflow: 'pay' })).toBe(
    (await failure(client, 'run_workflow', { workflow: 'pax' })).replace('pax', 'pay'),
  );
  const { structuredContent } = await call(client, 'run_workflow', { workflow: 'greet' });
  expect(structuredContent).toMatchObject({ state: 'completed' });
});

test('health tells callers who are narrowed that the server works, and nothing of its parts', async () => {
  const { as } = await opened();
  const { structuredContent } = await call(await as('public'), 'health');
  expect(structuredContent).toMatchObject({ status: 'up', parts: [] });
});

test.each<[string, object, RegExp]>([
  ['an unknown tool', { r: { tools: ['serch'] } }, /role "r": there is no tool "serch".*"search"/],
  ['an unknown connection', { r: { collections: ['sales/*/*'] } }, /no connection "sales"/],
  [
    'JavaScript in a rule',
    { r: { rows: [{ source: 'inline', filter: { $where: '1' } }] } },
    /\$where cannot be used/,
  ],
  ['an empty filter', { r: { rows: [{ source: 'inline', filter: {} }] } }, /The filter is empty/],
  [
    'a fact that lists do not tell',
    { r: { rows: [{ source: 'inline', filter: { modified: 1 } }] } },
    /asks for "modified"/,
  ],
  [
    'a misspelt claim',
    { r: { rows: [{ source: 'inline', filter: { a: '$callers.x' } }] } },
    /is not "\$caller\."/,
  ],
  [
    'a misspelt claim that would let everything through',
    { r: { rows: [{ source: 'inline', filter: { a: { $ne: '$caler.x' } } }] } },
    /"\$caler\.x" is not "\$caller\."/,
  ],
  [
    'a claim where none is filled in, which would let everything through',
    { r: { rows: [{ source: 'inline', filter: { owner: { $ne: { id: '$caller.sub' } } } }] } },
    /"\$caller\.sub" cannot be filled in where it stands/,
  ],
  [
    'a claim in a list that is compared as a whole',
    { r: { rows: [{ source: 'inline', filter: { owners: { $nin: [['$caller.sub']] } } }] } },
    /"\$caller\.sub" cannot be filled in/,
  ],
  [
    'a rule for a collection that the role does not let in, such as a misspelt one',
    {
      r: {
        collections: ['embedded/main/orders'],
        rows: [{ collection: 'embedded/main/oders', filter: { a: 1 } }],
      },
    },
    /a rule for "embedded\/main\/oders", which "collections" does not let in/,
  ],
  [
    'hidden fields of such a collection',
    {
      r: {
        collections: ['embedded/main/orders'],
        hidden: [{ collection: 'embedded/main/oders', fields: ['a'] }],
      },
    },
    /a rule for "embedded\/main\/oders"/,
  ],
  [
    'a rule for a source that the role does not let in',
    { r: { sources: ['reports'], rows: [{ source: 'report', filter: { title: 'a' } }] } },
    /a rule for the source "report", which "sources" does not let in/,
  ],
])('what cannot be held is refused when the server starts: %s', async (_what, given, message) => {
  await expect(openedApp({ settings: { roles: given } as never })).rejects.toThrow(message);
});

const issuer = (more: object): object => ({
  oauth: [{ issuer: 'https://id.example.com', audience: 'here', rolesClaim: 'r', ...more }],
});

test.each<[string, object, RegExp]>([
  ['localRole', { localRole: 'analist' }, /"localRole": there is no role "analist"/],
  ['limits', { limits: { roles: { analist: { read: { callsPerMinute: 1 } } } } }, /"limits".*"analist"/],
  ['the roles of an issuer', issuer({ roles: { staff: 'analist' } }), /"oauth".*"roles".*"analist"/],
  ['the defaultRole of an issuer', issuer({ defaultRole: 'analist' }), /"defaultRole".*"analist"/],
])('a role that there is not is refused where it is named: in %s', async (_where, named, message) => {
  const settings = { roles: { analyst: {} }, ...named } as never;
  await expect(openedApp({ settings })).rejects.toThrow(message);
  await expect(openedApp({ settings })).rejects.toThrow('Did you mean "analyst"?');
});

test('a source that shows what its collection hides is refused, unless the role leaves it out', async () => {
  const collectionSources = [{ collection: 'staff', fields: ['name', 'notes.private'] }];
  const hidden = [{ collection: 'embedded/main/staff', fields: ['notes'] }];
  const settings = (role: object) => ({ settings: { collectionSources, roles: { r: role } } as never });
  await expect(openedApp(settings({ hidden }))).rejects.toThrow(
    /the source "staff" is made of .*"notes" is hidden/,
  );
  await openedApp(settings({ hidden, sources: ['*', '!staff'] }));
});

test('a collection that others fill is not named to whom it is hidden', async () => {
  const qdrantCollections = [{ name: 'memories', collection: 'notes', url: 'http://127.0.0.1:1' }];
  const app = await openedApp({ settings: { roles, qdrantCollections } as never });
  const listed = async (caller: Partial<Caller>): Promise<string> =>
    summaryOf(
      await call(
        await clientOf(app, { caller: { id: 'x', scopes: operations, ...caller } }),
        'list_documents',
      ),
    );
  expect(await listed({})).toContain('memories');
  expect(await listed({ roles: ['nobody'] })).not.toContain('memories');
});

test('sample workflows whose collection a role hides are there for the others, and not for its callers', async () => {
  const app = await openedApp({
    data: { technologies: [{ technology: 'Electrolysis' }] },
    settings: {
      sampleWorkflows: true,
      roles: { elsewhere: { collections: ['embedded/main/other'] } },
    } as never,
  });
  const caller: Caller = { id: 'narrowed', scopes: operations, roles: ['elsewhere'] };
  const [narrowed, owner] = [await clientOf(app, { caller }), await clientOf(app)];
  const listed = async (client: Client): Promise<string> =>
    JSON.stringify(await call(client, 'list_workflows'));
  for (let i = 0; i < 2; i++) {
    expect(await listed(narrowed)).not.toContain('electrolyser-cost-brief');
    expect(await listed(owner)).toContain('electrolyser-cost-brief');
  }
});
