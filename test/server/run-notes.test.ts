import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { call } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { connected } from '../support/connected.ts';
import { bare } from '../support/process.ts';

const data = { orders: [{ _id: 1, status: 'paid', amount: 5 }] };
const head = (name: string): string =>
  `document: { dsl: '1.0.3', namespace: test, name: ${name}, version: '1.0.0' }\n`;
const finds = (name: string, filter: string): string =>
  `  - ${name}: { call: find, with: { collection: orders, filter: ${filter} }, output: { as: '\${ .rows }' } }\n`;
const steps = Array.from({ length: 7 }, (_, n) => finds(`look${n}`, `{ statu${n}: x }`)).join('');

async function run(text: string, name: string) {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, `${name}.yaml`), `${head(name)}do:\n${text}`);
  const { client, app } = await connected({ data, settings: { workflowFolders: [folder] } });
  const answer = await call(client, 'run_workflow', { workflow: name });
  const { run_id, note = '' } = answer.structuredContent as { run_id: string; note?: string };
  const later = await call(client, 'get_run', { run_id });
  return { app, folder, id: run_id, note, later: later.structuredContent };
}

test('a run says of each step that found nothing why, also later', async () => {
  const text = finds('wrong', '{ statu: paid }') + finds('right', '{ status: paid }');
  const { note, later } = await run(text, 'two');
  expect(note).toBe('Step "wrong": No sampled document has a field "statu": did you mean "status"?');
  expect(later).toMatchObject({ state: 'completed', note });
});

test('the note of a count is one of its step', async () => {
  const { note } = await run(
    '  - n: { call: count, with: { collection: orders, filter: { statu: x } } }\n',
    'n',
  );
  expect(note).toMatch(/^Step "n": No sampled document has a field "statu"/);
});

test('a run whose database is away says what it waits for', async () => {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'looks.yaml'), `${head('looks')}do:\n${finds('look', '{}')}`);
  const settings = { workflowFolders: [folder], mongodbUrl: 'mongodb://127.0.0.1:1/lab' };
  const { client } = await connected({ settings });
  const answer = await call(client, 'run_workflow', { workflow: 'looks', wait_seconds: 0 });
  const { run_id } = answer.structuredContent as { run_id: string };
  await expect
    .poll(async () => (await call(client, 'get_run', { run_id })).structuredContent, { timeout: 10_000 })
    .toMatchObject({
      state: 'running',
      note: expect.stringMatching(
        /Step "look": It waits, until \S+Z at most: The database server of connection "mongodb" cannot be reached/,
      ),
    });
});

test('the notes of five steps are told, and the others counted', async () => {
  const { note } = await run(steps, 'seven');
  expect(note.match(/Step "look\d":/g)).toHaveLength(5);
  expect(note).toMatch(/2 more steps have notes\.$/);
});

test('the commands run and runs show the notes of the steps', async () => {
  const folder = await temporaryDirectory();
  const settings = { ...bare, dataDir: join(folder, 'data'), workflowFolders: folder };
  await writeFile(join(folder, 'orders.csv'), 'status\npaid\n');
  await writeFile(join(folder, 'one.yaml'), `${head('one')}do:\n${finds('wrong', '{ statu: paid }')}`);
  await command(['import', 'orders', join(folder, 'orders.csv')], settings);

  const { err } = await command(['run', 'one'], settings);
  const id = /Run (run-\w+) of one: completed/.exec(err)?.[1] ?? '';
  const said = 'Step "wrong": No sampled document has a field "statu": did you mean "status"?';
  expect(err).toContain(said);
  expect((await command(['runs', id], settings)).err).toContain(said);
});
