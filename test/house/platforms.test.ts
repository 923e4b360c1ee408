import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const files = (await readdir(folder, { recursive: true }))
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.test.ts') && !name.startsWith('house/'));
const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));

/** Test files with one of these words and without a name of test/support/platform.ts. */
const withoutReason = (words: RegExp): string[] =>
  files.filter((_, i) => words.test(texts[i] ?? '') && !(texts[i] ?? '').includes('support/platform.ts'));

test('a test that runs on some systems only says what it needs of them', () => {
  expect(withoutReason(/process\.platform/)).toEqual([]);
  expect(files.filter((_, i) => /process\.platform/.test(texts[i] ?? ''))).toEqual([]);
});

test('what only some systems have is asked for by name: pipes, modes, /proc, signals that ask', () => {
  expect(withoutReason(/mkfifo|\.mode &|'\/proc\/|`\/proc\/|'SIG(HUP|USR1|USR2|STOP|CONT)'/)).toEqual([]);
});

test('a link that is not made by `linkFolder`, as any user of Windows may, is asked for by name', () => {
  expect(withoutReason(/\bsymlink(Sync)?\(/)).toEqual([]);
});
