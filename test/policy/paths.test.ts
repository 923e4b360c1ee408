import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allowedPaths } from '../../src/policy/paths.ts';
import { temporaryDirectory } from '../support/call.ts';

async function folders() {
  const base = await realpath(await temporaryDirectory());
  for (const name of ['docs', 'docs-private', 'secret']) await mkdir(join(base, name));
  await writeFile(join(base, 'docs', 'a.md'), 'a');
  await writeFile(join(base, 'secret', 'b.md'), 'b');
  await symlink(join(base, 'secret'), join(base, 'docs', 'link'));
  return { base, docs: join(base, 'docs') };
}

test('a path inside an allowed folder is allowed, absolute or relative to it', async () => {
  const { docs } = await folders();
  expect(await allowedPaths([join(docs, 'a.md'), 'a.md', docs], [docs])).toEqual([
    join(docs, 'a.md'),
    join(docs, 'a.md'),
    docs,
  ]);
});

test.each(['../secret/b.md', 'link/b.md', 'link', '../docs-private', '/etc/passwd', 'missing.md'])(
  '%s is refused in the same words, whether it exists or not',
  async (path) => {
    const { docs } = await folders();
    await expect(allowedPaths([path], [docs])).rejects.toThrow(
      /is not in the folders this server may read, or does not exist/,
    );
  },
);

test('without allowed folders nothing may be read, and the setting is named', async () => {
  await expect(allowedPaths(['/etc'], [])).rejects.toThrow(/HYDROGEN_FOLDERS/);
});
