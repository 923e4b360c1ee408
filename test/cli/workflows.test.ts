import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { bare } from '../support/process.ts';

const text = (call: string): string =>
  `document: { dsl: '1.0.3', namespace: t, name: w, version: '1.0.0' }\ndo:\n  - a: { call: ${call} }\n`;

async function checked(texts: Readonly<Record<string, string>>, ...options: string[]) {
  const folder = await temporaryDirectory();
  const files = Object.keys(texts).map((name) => join(folder, name));
  for (const [name, content] of Object.entries(texts)) await writeFile(join(folder, name), content);
  const settings = { ...bare, dataDir: join(folder, 'data') };
  const { out, err, code } = await command(['workflows', 'check', ...files, ...options], settings);
  return { out: out.replaceAll(folder, ''), err: err.replaceAll(folder, ''), code };
}

test('workflows check names the line and column of what keeps a definition from being run', async () => {
  const { out, code } = await checked({ 'w.yaml': text('fnd, with: { collection: x }') });
  expect(out).toMatch(
    /^.?w\.yaml:3:10: \/do\/0\/a\/call: there is no function "fnd"; did you mean "find"\?\n$/,
  );
  expect(code).toBe(2);
});

test('workflows check says that a definition can be run, and tells problems of others beside it', async () => {
  const { out, err, code } = await checked({
    'good.yaml': text('list_sources'),
    'bad.yaml': text('find'),
  });
  expect(err).toContain('good.yaml can be run.');
  expect(out).toMatch(/^.?bad\.yaml:3:/);
  expect(code).toBe(2);
});

test('workflows check gives its findings for programs', async () => {
  const { out } = await checked({ 'w.yaml': 'do: [' }, '--json');
  expect(JSON.parse(out)).toEqual([
    { file: expect.any(String), problems: [{ line: 1, column: 6, problem: expect.any(String) }] },
  ]);
});

test('workflows check names a file that is not there', async () => {
  const { err, code } = await command(['workflows', 'check', 'nowhere.yaml'], bare);
  expect(err).toContain('The file "nowhere.yaml" cannot be read');
  expect(code).toBe(2);
});
