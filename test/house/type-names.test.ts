import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/process.ts';

const src = join(root, 'src');

/** Files by the names of the types that they declare and export. */
async function exportedTypes(): Promise<Map<string, string[]>> {
  const declaration = /^export (?:declare |abstract )*(?:interface|type|class|enum) (\w+)/gm;
  const found = new Map<string, string[]>();
  for (const file of await readdir(src, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const text = await readFile(join(src, file), 'utf8');
    for (const [, name = ''] of text.matchAll(declaration)) {
      found.set(name, [...(found.get(name) ?? []), file]);
    }
  }
  return found;
}

test('no two exported types have one name', async () => {
  const shared = [...(await exportedTypes())].filter(([, files]) => files.length > 1);
  expect(shared, 'give the type a name of its own').toEqual([]);
});
