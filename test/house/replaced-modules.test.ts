import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isolated } from '../../vitest.config.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));

test('a test that replaces a module has a process of its own: one that is loaded already would stay as it is', async () => {
  const names = (await readdir(folder, { recursive: true }))
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.test.ts') && !name.startsWith('house/'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const replacing = names.filter((_, i) => /vi\.(mock|doMock)\(/.test(texts[i] ?? ''));
  expect(replacing.length).toBeGreaterThan(0);
  expect(replacing.filter((name) => !isolated.includes(`test/${name}`))).toEqual([]);
});
