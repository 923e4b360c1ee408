import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { entriesFrom } from '../../src/audit/file.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import { verifyChain } from '../../src/audit/verify.ts';
import type { Caller } from '../../src/call.ts';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import type { GivenSettings } from '../../src/config.ts';
import { HydrogenError } from '../../src/errors.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { clientOf, connected, eras, openedApp } from '../support/connected.ts';

const auditKey = newAuditKey();
const writing = { enableWrites: true, confirmWrites: 'never', auditKey } as const;

async function recordsOf(app: App): Promise<AuditRecord[]> {
  const entries = await app.audit.log.read(1, 1_000, testCall());
  return entries.map(({ text }) => JSON.parse(text) as AuditRecord);
}

/** The texts of arguments, each of which lies beside its record. */
async function textsOf(app: App): Promise<(string | undefined)[]> {
  const entries = await app.audit.log.read(1, 1_000, testCall());
  return entries.map(({ argumentsText }) => argumentsText);
}

/** Events with what they are about. */
async function eventsOf(app: App): Promise<string[]> {
  const records = await recordsOf(app);
  return records.map(({ event, name, outcome }) => [event, name, outcome].filter(Boolean).join(' '));
}

const insert = { name: 'insert', arguments: { collection: 'plants', documents: [{ name: 'oak s3cret' }] } };

test.each(eras)(
  'a change of a client of %s is recorded when it begins and when it ends, with who and what',
  async (era) => {
    const { app, client } = await connected({ settings: writing, era });
    await client.callTool(insert);
    const [begun, ended] = await recordsOf(app);
    expect(begun).toMatchObject({
      seq: 1,
      event: 'begun',
      kind: 'tool',
      action: 'call',
      name: 'insert',
      operation: 'write',
      caller: { id: 'owner' },
      client: 'test 1.0.0',
      transport: 'stdio',
      arguments: { digest: expect.stringMatching(/^[\w-]{43}$/) },
    });
    expect(begun?.request).toBeDefined();
    expect(ended).toMatchObject({ seq: 2, event: 'ended', call: begun?.call, outcome: 'ok', name: 'insert' });
    expect(ended?.ms).toBeGreaterThanOrEqual(0);
  },
);

test('an export leaves a file, and is recorded as a change is; reading it is a plain read', async () => {
  const { app, client } = await connected({ settings: writing, data: { plants: [{ _id: 1 }] } });
  const { content } = await client.callTool({ name: 'export', arguments: { collection: 'plants' } });
  const [uri = ''] = /hydrogen:\/\/exports\/[\w.-]+/.exec(JSON.stringify(content)) ?? [];
  await client.readResource({ uri });
  expect(await eventsOf(app)).toEqual(['begun export', 'ended export ok']);
  expect((await recordsOf(app))[1]?.touched).toEqual([{ what: 'embedded/main/plants', rows: 1 }]);
});

test('the values of arguments and documents do not stand in it', async () => {
  const { app, client } = await connected({ settings: writing });
  await client.callTool(insert);
  expect(JSON.stringify(await recordsOf(app))).not.toMatch(/s3cret|oak/);
});

test('equal arguments have equal digests, which another key does not make', async () => {
  const digestsOf = async (key: string): Promise<(string | undefined)[]> => {
    const { app, client } = await connected({ settings: { ...writing, auditKey: key } });
    await client.callTool(insert);
    await client.callTool({
      ...insert,
      arguments: { documents: [{ name: 'oak s3cret' }], collection: 'plants' },
    });
    const begun = (await recordsOf(app)).filter(({ event }) => event === 'begun');
    return begun.map((record) => record.arguments?.digest);
  };
  const [first, second] = await digestsOf(auditKey);
  expect(first).toBe(second);
  expect(await digestsOf(newAuditKey())).not.toContain(first);
});

test('where the settings ask for it the text of arguments lies beside the record, without secrets', async () => {
  const { app, client } = await connected({ settings: { ...writing, auditArguments: 'text' } });
  const documents = [
    { name: 'oak', url: 'https://jane:pa55@example.org/', apiKey: 'k3y', nested: { password: 'pw0rd' } },
  ];
  await client.callTool({ name: 'insert', arguments: { collection: 'plants', documents } });
  const [text] = await textsOf(app);
  expect(text).toContain('"collection":"plants"');
  expect(text).toContain('"name":"oak"');
  expect(text).not.toMatch(/pa55|k3y|pw0rd/);
  // The chain has its digest alone.
  expect(JSON.stringify(await recordsOf(app))).not.toContain('oak');
});

test('a long text of arguments is cut', async () => {
  const { app, client } = await connected({ settings: { ...writing, auditArguments: 'text' } });
  const documents = [{ text: 'x'.repeat(100_000) }];
  await client.callTool({ name: 'insert', arguments: { collection: 'plants', documents } });
  const [text] = await textsOf(app);
  expect(text?.length).toBeGreaterThan(3_900);
  expect(text?.length).toBeLessThan(4_100);
});

test('a change that fails is recorded with the code of its error', async () => {
  const { app, client } = await connected({ settings: writing });
  await client.callTool({ name: 'insert', arguments: { collection: 'plants', documents: 3 } });
  expect(await eventsOf(app)).toEqual(['begun insert', 'ended insert bad_input']);
});

test('a read is not recorded, unless the settings say so', async () => {
  const count = { name: 'count', arguments: { collection: 'plants' } };
  const data = { plants: [{ name: 'oak' }] };
  const { app, client } = await connected({ settings: { auditKey }, data });
  await client.callTool(count);
  expect(await recordsOf(app)).toEqual([]);
  const all = await connected({ settings: { auditKey, audit: 'all' }, data });
  await all.client.callTool(count);
  expect((await eventsOf(all.app)).at(-1)).toBe('read count ok');
});

test('where reads are recorded, which document a client has read can be told, too', async () => {
  const settings = { auditKey, audit: 'all', auditArguments: 'text' } as const;
  const { app, client } = await connected({ settings });
  await client.readResource({ uri: 'health://status' }).catch(() => {});
  const read = (await recordsOf(app)).at(-1);
  expect(read).toMatchObject({ kind: 'resource' });
  expect((await textsOf(app)).at(-1)).toBe('{"uri":"health://status"}');
});

test('a credential in the name of what is asked for does not stand in it', async () => {
  const { app, client } = await connected({ settings: { auditKey } });
  await client.readResource({ uri: 'https://jane:pa55w0rd@example.org/plants' }).catch(() => {});
  const [refused] = await recordsOf(app);
  expect(refused).toMatchObject({ event: 'refused', kind: 'resource' });
  expect(JSON.stringify(refused)).not.toContain('pa55w0rd');
});

test('the steps of a run are recorded as its caller, where reads are', async () => {
  const folder = await temporaryDirectory();
  const definition = `document: { dsl: '1.0.3', namespace: test, name: counts, version: '1.0.0' }
do: [{ number: { call: count, with: { collection: plants } } }]\n`;
  await writeFile(join(folder, 'counts.yaml'), definition);
  const { app, client } = await connected({
    settings: { auditKey, audit: 'all', workflowFolders: [folder] },
    data: { plants: [{ name: 'oak' }] },
  });
  await client.callTool({ name: 'run_workflow', arguments: { workflow: 'counts' } });
  const records = await recordsOf(app);
  expect(records.filter(({ kind, action }) => kind === 'tool' && action === 'call')).toMatchObject([
    { event: 'begun', name: 'run_workflow', operation: 'run' },
    { event: 'read', name: 'count', caller: { id: 'owner' }, transport: 'run', outcome: 'ok' },
    { event: 'ended', name: 'run_workflow', outcome: 'ok' },
  ]);
});

test('without a key nothing is recorded', async () => {
  const { app, client } = await connected({ settings: { enableWrites: true, confirmWrites: 'never' } });
  await client.callTool(insert);
  expect(await recordsOf(app)).toEqual([]);
});

test('what a call touches is recorded with its rows', async () => {
  const app = await openedApp({ settings: { auditKey } });
  const request = { kind: 'tool', action: 'call', name: 'touch', operation: 'write', needs: [] } as const;
  await app.audit.middleware?.(request, testCall(), async (call) => {
    call.touched?.({ what: 'embedded/main/plants', rows: 2 });
    call.touched?.({ what: 'source:docs', rows: 1 });
    call.touched?.({ what: 'embedded/main/plants', rows: 3 });
  });
  expect((await recordsOf(app)).at(-1)).toMatchObject({
    rows: 6,
    touched: [
      { what: 'embedded/main/plants', rows: 5 },
      { what: 'source:docs', rows: 1 },
    ],
  });
});

test('whoever hears what a call touches goes on hearing it', async () => {
  const app = await openedApp({ settings: { auditKey } });
  const heard: string[] = [];
  const request = { kind: 'tool', action: 'call', name: 'touch', operation: 'write', needs: [] } as const;
  const outer = testCall({ touched: ({ what }) => void heard.push(what) });
  await app.audit.middleware?.(request, outer, async (call) => call.touched?.({ what: 'a/b/c', rows: 1 }));
  expect(heard).toEqual(['a/b/c']);
});

const reader: Caller = { id: 'reader', name: 'Rosa', scopes: ['read'], roles: ['guest'] };

test('a tool that a caller may not use, one that is switched off and one that does not exist are refused in the record', async () => {
  const app = await openedApp({ settings: { auditKey } });
  const stranger = await clientOf(app, { caller: reader });
  await expect(stranger.callTool(insert)).rejects.toThrow(/not found/);
  await expect(stranger.callTool({ name: 'no_such_tool', arguments: {} })).rejects.toThrow(/not found/);
  const own = await clientOf(app);
  await own.callTool(insert);
  expect(await eventsOf(app)).toEqual([
    'refused insert not_allowed',
    'refused no_such_tool not_found',
    'refused insert not_allowed',
  ]);
  expect((await recordsOf(app))[0]?.caller).toEqual({ id: 'reader', name: 'Rosa', roles: ['guest'] });
});

/** An app whose audit store fails once it is told to. */
async function failing(settings: Partial<GivenSettings>): Promise<{ app: App; fail(): void }> {
  const app = await openedApp({ settings });
  const { log } = app.audit;
  const append = log.append;
  return {
    app,
    fail() {
      Object.assign(log, {
        append: () =>
          Promise.reject(new HydrogenError('unavailable', 'The disk of the data directory is full.')),
      });
    },
    ...{ append },
  };
}

const textOf = (answer: unknown): string => JSON.stringify((answer as { content: unknown }).content);

test('a change that cannot be recorded does not happen, and says why', async () => {
  const { app, fail } = await failing(writing);
  const client = await clientOf(app);
  fail();
  const answer = await client.callTool(insert);
  expect(answer.isError).toBe(true);
  expect(textOf(answer)).toMatch(/Nothing was done: .*audit record.*disk of the data directory is full/);
  const counted = await client.callTool({ name: 'list_collections', arguments: {} });
  expect(textOf(counted)).not.toContain('plants');
});

test('where changes are recorded, reads go on while the record cannot be written', async () => {
  const { app, fail } = await failing(writing);
  const client = await clientOf(app);
  fail();
  expect((await client.callTool({ name: 'list_collections', arguments: {} })).isError).not.toBe(true);
});

test('where reads are recorded, one that cannot be is not answered', async () => {
  const { app, fail } = await failing({ auditKey, audit: 'all' });
  const client = await clientOf(app);
  fail();
  const answer = await client.callTool({ name: 'list_collections', arguments: {} });
  expect(textOf(answer)).toMatch(/The answer is withheld/);
});

test('health says that nothing can be recorded, and why', async () => {
  const { app, client } = await connected({ settings: writing });
  await client.callTool(insert);
  const part = async (on: App) =>
    (await on.health.report(testCall())).parts.find(({ name }) => name === 'audit');
  expect(await part(app)).toMatchObject({
    state: 'up',
    detail: 'changes are recorded; the last record is number 2',
  });
  const other = await openedApp({
    settings: { ...writing, auditKey: newAuditKey(), dataDir: app.dataDirectory },
  });
  expect(await part(other)).toMatchObject({
    state: 'down',
    detail: expect.stringContaining('does not have'),
  });
});

test('calls at once share the chain, which is as it was made', async () => {
  const { app, client } = await connected({ settings: writing });
  await Promise.all(Array.from({ length: 40 }, () => client.callTool(insert)));
  const { keys, log } = app.audit;
  const verdict = await verifyChain(entriesFrom(log, 1, testCall()), { keys });
  expect(verdict).toMatchObject({ records: 80, faults: [] });
});

test('a new key goes on where the one before it ended', async () => {
  const { app, client } = await connected({ settings: writing });
  await client.callTool(insert);
  const next = `${newAuditKey()} ${auditKey}`;
  const again = await connected({ settings: { ...writing, auditKey: next, dataDir: app.dataDirectory } });
  await again.client.callTool(insert);
  const { keys, log } = again.app.audit;
  const verdict = await verifyChain(entriesFrom(log, 1, testCall()), { keys });
  expect(verdict).toMatchObject({ records: 4, faults: [] });
});

test('a process without the key in use changes nothing, and is told what is missing', async () => {
  const { app, client } = await connected({ settings: writing });
  await client.callTool(insert);
  const other = await connected({
    settings: { ...writing, auditKey: newAuditKey(), dataDir: app.dataDirectory },
  });
  const answer = await other.client.callTool(insert);
  expect(textOf(answer)).toMatch(
    /Nothing was done: .*coded with key \\"[0-9a-f]{12}\\", which this process does not have/,
  );
});

test('the chain goes on behind records whose key is lost, where its id is given', async () => {
  const { app, client } = await connected({ settings: writing });
  await client.callTool(insert);
  const [lost] = app.audit.keys;
  const other = await connected({
    settings: { ...writing, auditKey: `${newAuditKey()} ${lost?.id}`, dataDir: app.dataDirectory },
  });
  expect((await other.client.callTool(insert)).isError).not.toBe(true);
});

test('what was sampled for a hint is not among the rows of a call', async () => {
  const data = { plants: Array.from({ length: 5 }, (_, i) => ({ _id: i, name: 'oak' })) };
  const { app, client } = await connected({ data, settings: { auditKey, audit: 'all' } });
  await client.callTool({ name: 'find', arguments: { collection: 'plants', filter: { nmae: 'oak' } } });
  const ended = (await recordsOf(app)).findLast(({ name }) => name === 'find');
  expect(ended?.rows).toBe(0);
});

test('settings that are read again are recorded by their names, without values, and what was refused with the reason', async () => {
  const { app } = await connected({ settings: writing });
  app.audit.reread({ outcome: 'ok', settings: { now: ['roles'], later: ['maxRows'] } });
  app.audit.reread({ outcome: 'bad_input', reason: 'There is no role "x".' });
  await expect.poll(async () => (await recordsOf(app)).length).toBe(2);
  expect(await recordsOf(app)).toMatchObject([
    { event: 'settings', outcome: 'ok', settings: { now: ['roles'], later: ['maxRows'] } },
    { event: 'settings', outcome: 'bad_input', reason: 'There is no role "x".' },
  ]);
});
