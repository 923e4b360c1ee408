// What somebody asks to be erased is gone: from answers, and from the bytes on the disk.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { AuditRecord } from '../../src/audit/record.ts';
import type { Caller } from '../../src/call.ts';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import { call } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { command } from '../support/command.ts';
import { clientOf, openedApp } from '../support/connected.ts';
import { isInstalled, skipReason, startServer } from '../support/mongo-servers.ts';
import { bare, type Settings, stdioClient } from '../support/process.ts';

const auditKey = newAuditKey();
const ann: Caller = { id: 'key:ann1', name: 'Ann', scopes: ['read', 'run', 'write', 'destroy'] };
const bob: Caller = { ...ann, id: 'key:bob1', name: 'Bob' };
const planted = 'planted-f00d-in-all-places';

const workflow = `
document: { dsl: '1.0.3', namespace: test, name: NAME, version: '1.0.0' }
do:
  - keep: { set: { said: '\${ $workflow.input.text }' } }
  - fail:
      if: \${ $workflow.input.fail != null }
      call: find
      with: { collection: '\${ $workflow.input.fail }', filter: {} }
`;

/** A server that runs beside the command, and what both know of their data. */
async function served(more: Settings = {}) {
  const folder = await temporaryDirectory();
  for (const name of ['echo', 'other']) {
    await writeFile(join(folder, `${name}.yaml`), workflow.replace('NAME', name));
  }
  const dataDir = await temporaryDirectory();
  const settings = { ...bare, dataDir, auditKey, auditArguments: 'text', ...more };
  const app = await openedApp({
    settings: {
      ...{ dataDir, auditKey, auditArguments: 'text', workflowFolders: [folder] },
      ...{ enableWrites: true, confirmWrites: 'never' },
      ...more,
    },
    data: { plants: [{ _id: 1, name: 'oak' }] },
  });
  let keys = 0;
  async function run(caller: Caller, name = 'echo', input: object = { text: planted }): Promise<string> {
    const client = await clientOf(app, { caller });
    const args = {
      workflow: name,
      input,
      idempotency_key: `${caller.id === ann.id ? planted : 'key'} ${++keys}`,
    };
    // Also one that fails: it is not the call that has failed.
    const { structuredContent } = await client.callTool({ name: 'run_workflow', arguments: args });
    return (structuredContent as { run_id: string }).run_id;
  }
  async function stateOf(id: string, caller: Caller): Promise<string> {
    const client = await clientOf(app, { caller });
    const answer = await client.callTool({ name: 'get_run', arguments: { run_id: id } });
    return (answer.structuredContent as { state?: string } | undefined)?.state ?? 'not there';
  }
  const hydrogen = (...args: string[]) => command(args, settings);
  async function json(...args: string[]): Promise<Record<string, unknown>> {
    return JSON.parse((await hydrogen('--json', ...args)).out) as Record<string, unknown>;
  }
  return { app, dataDir, settings, run, stateOf, hydrogen, json };
}

/** The files below a folder in whose bytes a text stands. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const found = await Promise.all(
    files.map(async (file) => ((await readFile(file)).includes(text) ? [file.slice(folder.length + 1)] : [])),
  );
  return found.flat();
}

test('without --yes it says what would be erased, and erases nothing', async () => {
  const { app, run, stateOf, hydrogen } = await served();
  const id = await run(ann);
  await call(await clientOf(app, { caller: ann }), 'export', { collection: 'plants' });
  const { out, err, code } = await hydrogen('erase', '--caller', 'Ann');
  expect(code).toBe(0);
  expect(out).toMatch(/^Would be erased:\n {2}runs +1\n {2}exports +1\n {2}audit-text +2\n {2}caches +0\n$/);
  expect(err).toMatch(/Nothing was erased\. The same command with --yes does it\./);
  expect(await stateOf(id, ann)).toBe('completed');
});

test('what a caller left in runs, errors and audit text is nowhere in the bytes of the data directory any more', async () => {
  const { app, dataDir, run, stateOf, hydrogen } = await served();
  const kept = await run(bob, 'echo', { text: 'of bob' });
  const runs: string[] = [];
  for (let i = 0; i < 20; i++) {
    // Short and long ones, so that they lie within pages and in pages of their own.
    const text = `${planted} ${i} ${'x'.repeat((i * i * i * 7) % 9_000)}`;
    runs.push(await run(ann, 'echo', { text, ...(i % 3 === 0 && { fail: planted }) }));
    if (i % 5 === 0) await run(bob, 'echo', { text: `of bob ${i}` });
  }
  const client = await clientOf(app, { caller: ann });
  await call(client, 'insert', { collection: 'plants', documents: [{ _id: 2, name: planted }] });
  await call(client, 'export', { collection: 'plants', filter: { name: planted } });
  await call(client, 'delete', { collection: 'plants', filter: { name: planted } });
  // What an earlier program has deleted is left in free pages and in gaps of others.
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  db.prepare("INSERT INTO verdicts VALUES (?, ?, 0), (?, 'x', 0)").run('a', planted.repeat(900), planted);
  db.exec('PRAGMA secure_delete = OFF; DELETE FROM verdicts WHERE kept_at = 0; PRAGMA wal_checkpoint');
  db.close();
  expect(await filesWith(dataDir, planted)).not.toEqual([]);
  const { out, code } = await hydrogen('erase', '--caller', 'key:ann1', '--yes');
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^Erased:\n {2}runs +20\n/) });
  expect(await filesWith(dataDir, planted)).toEqual([]);
  expect(await stateOf(runs[0] ?? '', ann)).toBe('not there');
  expect(await stateOf(kept, bob)).toBe('completed');
  expect((await hydrogen('audit', 'verify')).out).toMatch(/is as it was made/);
});

test('exports of a caller who has left nothing else are found by the name of its API key', async () => {
  const { app, hydrogen, json } = await served({ audit: 'off' });
  const { id } = JSON.parse((await hydrogen('--json', 'keys', 'create', 'Cid', '--scopes', 'read')).out);
  const cid = { id: `key:${id}`, name: 'Cid', scopes: ['read'] } as const;
  await call(await clientOf(app, { caller: cid }), 'export', { collection: 'plants' });
  expect(await json('erase', 'exports', '--caller', 'Cid', '--yes')).toMatchObject({
    counts: { exports: 1 },
  });
  expect(await json('erase', 'exports', '--caller', 'Cid')).toMatchObject({ counts: { exports: 0 } });
});

test('a server that writes all the time is not disturbed when the store file is written anew beside it', async () => {
  const { dataDir, run, hydrogen } = await served();
  const settings = { ...bare, dataDir, enableWrites: 'true', confirmWrites: 'never', auditKey };
  const { client } = await stdioClient(settings);
  let [isOver, written] = [false, 0];
  async function write(): Promise<void> {
    while (!isOver) {
      await call(client, 'insert', { collection: 'trees', documents: [{ n: ++written }] });
    }
  }
  const writing = [write(), write()];
  for (let i = 0; i < 2; i++) {
    // So that the file becomes smaller.
    for (let n = 0; n < 2; n++) await run(ann, 'echo', { text: `${planted} ${'x'.repeat(200_000)}` });
    const { code, err } = await hydrogen('erase', '--caller', 'Ann', '--yes');
    expect({ code, err }).toEqual({ code: 0, err: expect.not.stringContaining('replaced') });
  }
  isOver = true;
  await Promise.all(writing);
  const { structuredContent } = await call(client, 'count', { collection: 'trees' });
  expect(structuredContent).toMatchObject({ count: written });
  const health = await call(client, 'health');
  expect(JSON.stringify(health)).not.toMatch(/while this server ran/);
});

test('a server that opens the store file while it is being written anew goes on in it', async () => {
  const { dataDir, run } = await served();
  for (let n = 0; n < 4; n++) await run(ann, 'echo', { text: 'x'.repeat(200_000) });
  const { client } = await stdioClient({ ...bare, dataDir, enableWrites: 'true', confirmWrites: 'never' });
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'), { timeout: 5_000 });
  db.exec('DELETE FROM steps; DELETE FROM runs');
  await call(client, 'insert', { collection: 'trees', documents: [{ n: 1 }] });
  db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  await call(client, 'insert', { collection: 'trees', documents: [{ n: 2 }] });
  expect(JSON.stringify(await call(client, 'health'))).not.toMatch(/while this server ran/);
});

test('runs of one workflow are erased, and those of others stay', async () => {
  const { run, stateOf, json } = await served();
  const [first, second] = [await run(ann, 'echo'), await run(ann, 'other')];
  expect(await json('erase', '--workflow', 'other', '--yes')).toMatchObject({
    erased: true,
    chosen: { workflow: 'other' },
    counts: { runs: 1 },
    gone: true,
    failed: [],
  });
  expect(await stateOf(first, ann)).toBe('completed');
  expect(await stateOf(second, ann)).toBe('not there');
});

test('a name that nobody ever had is not taken for one of which nothing is left', async () => {
  const { run, hydrogen, json } = await served();
  await run(ann);
  await json('erase', '--caller', 'Ann', '--yes');
  const erased = await hydrogen('erase', '--caller', 'Ann');
  expect(erased.err).not.toContain('There is no');
  const { err, code } = await hydrogen('erase', '--caller', 'Amn', '--yes');
  expect(code).toBe(0);
  expect(err).toContain(
    'There is no caller "Amn": no run, export, audit record or API key has that id or name. Did you mean "Ann"?',
  );
  expect(await json('erase', '--caller', 'zzzz')).toMatchObject({
    unknown: [{ of: 'caller', name: 'zzzz', similar: [] }],
  });
});

test('a workflow of which there never was a run is said to be unknown, with the names that are like it', async () => {
  const { run, hydrogen } = await served();
  await run(ann, 'other');
  const { err } = await hydrogen('erase', '--workflow', 'othre', '--yes');
  expect(err).toContain('There is no run of a workflow "othre". Did you mean "other"?');
});

test('what is older than a moment is erased, and what is younger stays', async () => {
  const { dataDir, run, stateOf, json } = await served();
  const [old, young] = [await run(ann, 'echo', { text: 'old' }), await run(ann, 'echo', { text: 'young' })];
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  db.prepare('UPDATE runs SET finished_at = finished_at - 86400000 WHERE id = ?').run(old);
  db.close();
  expect(await json('erase', 'runs', '--before', '2h', '--yes')).toMatchObject({ counts: { runs: 1 } });
  expect(await stateOf(old, ann)).toBe('not there');
  expect(await stateOf(young, ann)).toBe('completed');
});

test('a run that has not ended is left, and named', async () => {
  const { dataDir, run, hydrogen, json } = await served();
  const id = await run(ann);
  // As if it waited for a time that is far away.
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  db.prepare("UPDATE runs SET state = 'pending', lease_until = 9000000000000000").run();
  db.close();
  expect(await json('erase', '--caller', 'Ann', 'runs')).toMatchObject({ unfinished: [id] });
  const { err, out } = await hydrogen('erase', '--caller', 'Ann', 'runs', '--yes');
  expect(out).toMatch(/runs +0/);
  expect(err).toContain(`1 run not ended, and left: ${id}.`);
});

test('it is recorded: who erased, what was chosen, and how many', async () => {
  const { app, run, hydrogen } = await served();
  await run(ann);
  await hydrogen('erase', 'runs', 'audit-text', '--caller', 'Ann', '--yes');
  const entries = await app.audit.log.read(1, 100, testCall());
  const records = entries.map(({ text }) => JSON.parse(text) as AuditRecord);
  expect(records.filter(({ name }) => name === 'erase')).toMatchObject([
    { event: 'begun', operation: 'destroy', caller: { id: 'owner' }, kind: 'command' },
    {
      event: 'ended',
      outcome: 'ok',
      touched: [
        { what: 'runs of Ann', rows: 1 },
        { what: 'audit-text of Ann', rows: 1 },
      ],
    },
  ]);
});

test('text that records of earlier versions hold inside is counted, and said to go by rotation alone', async () => {
  const { dataDir, run, hydrogen, json } = await served();
  await run(ann);
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  db.exec("UPDATE audit SET record = json_set(record, '$.arguments.text', 'inside') WHERE seq = 1");
  db.close();
  expect(await json('erase', 'audit-text', '--caller', 'Ann')).toMatchObject({ insideRecords: 1 });
  const { err } = await hydrogen('erase', 'audit-text', '--caller', 'Ann', '--yes');
  expect(err).toMatch(/1 audit record of earlier versions with the text inside, .*`hydrogen audit rotate`/);
});

test('a part that fails leaves the others erased, is named, and the command does not end well', async () => {
  const { dataDir, run, stateOf, hydrogen, json } = await served();
  const id = await run(ann);
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  db.exec("CREATE TRIGGER no_more BEFORE DELETE ON audit_texts BEGIN SELECT raise(ABORT, 'no'); END");
  db.close();
  const { code, err, out } = await hydrogen('erase', '--caller', 'Ann', '--yes');
  expect(code).not.toBe(0);
  expect(out).toMatch(/runs +1\n/);
  expect(err).toMatch(/the rest was\. .*audit-text: /);
  expect(await stateOf(id, ann)).toBe('not there');
  expect(await json('erase', '--caller', 'Ann', '--yes')).toMatchObject({
    failed: [{ what: 'audit-text' }],
  });
});

test.each([
  [[], /--caller, --before or --workflow/],
  [['run', '--caller', 'Ann'], /There is nothing called "run" to erase\. Did you mean "runs"\?/],
  [['--workflow', 'echo', 'caches'], /--workflow chooses runs alone: leave out "caches"/],
  [['caches', '--before', '90d'], /has no age to choose by, .*leave out "caches", or --before/],
  [['--before', 'soon'], /--before is a date such as 2026-01-31, or how long ago/],
])('`erase %j` is refused with what to write instead', async (args, said) => {
  const { code, err } = await command(['erase', ...args], { ...bare, dataDir: await temporaryDirectory() });
  expect(code).toBe(2);
  expect(err).toMatch(said);
});

test('the help says what can be erased, and how documents and collections are removed', async () => {
  const { out } = await command(['erase', '--help']);
  for (const word of [
    'runs',
    'exports',
    'audit-text',
    'caches',
    'hydrogen remove',
    'drop_collection',
    '--yes',
  ])
    expect(out).toContain(word);
});

const name = 'mongo-java-server';

test.skipIf(!isInstalled(name))(`on a MongoDB server, too${skipReason(name)}`, async () => {
  const { url, stop } = await startServer(name);
  try {
    const { run, stateOf, json, hydrogen } = await served({ mongodbUrl: url, journalStore: 'mongodb' });
    const [mine, his] = [await run(ann), await run(bob)];
    const large = await run(ann, 'echo', { text: 'x'.repeat(200_000) });
    expect(await json('erase', '--caller', 'Ann')).toMatchObject({
      erased: false,
      counts: { runs: 2, 'audit-text': 2 },
    });
    const erased = await json('erase', '--caller', 'Ann', '--yes');
    expect(erased).toMatchObject({ erased: true, counts: { runs: 2, 'audit-text': 2 }, failed: [] });
    expect(await stateOf(mine, ann)).toBe('not there');
    expect(await stateOf(large, ann)).toBe('not there');
    expect(await stateOf(his, bob)).toBe('completed');
    const { out, err } = await hydrogen('audit', 'verify');
    expect(out).toMatch(/is as it was made/);
    expect(err).toMatch(/The text of the arguments of 2 records was erased\./);
  } finally {
    await stop();
  }
});
