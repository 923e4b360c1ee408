import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/process.ts';

const src = join(root, 'src');

/** Names that mean several things still, and in how many files each is exported. It may only become shorter. */
const stillShared: Readonly<Record<string, number>> = {
  Bounds: 2,
  Change: 2,
  Condition: 2,
  Document: 2,
  Expression: 2,
  Found: 2,
  Identity: 2,
  Limits: 2,
  Node: 2,
  Operation: 2,
  Passage: 2,
  Place: 5,
  Positions: 2,
  QueryVector: 2,
  Question: 3,
  Reply: 2,
  Runner: 2,
  Selection: 2,
  Source: 2,
  Unfinished: 2,
  WriteOptions: 2,
};

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
  const news = shared.filter(([name, files]) => files.length > (stillShared[name] ?? 1));
  expect(news, 'give the type a name of its own').toEqual([]);
  const counts = Object.fromEntries(shared.map(([name, files]) => [name, files.length]));
  expect(counts, 'take from stillShared what is no longer shared').toEqual(stillShared);
});
