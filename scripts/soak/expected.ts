import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './server.ts';

// What the sample collections hold, counted here by plain JavaScript: what the server says is compared with it.

export type Row = Readonly<Record<string, unknown>>;

function read(name: string): readonly Row[] {
  const text = readFileSync(join(root, 'samples', 'collections', `${name}.jsonl`), 'utf8');
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

export const collections = {
  technologies: read('technologies'),
  materials: read('materials'),
  sources: read('sources'),
} as const;

export type CollectionName = keyof typeof collections;
export const collectionNames = Object.keys(collections) as CollectionName[];

/** How many rows hold each value of a field; rows without it are left out. */
export function counts(rows: readonly Row[], field: string): Map<unknown, number> {
  const found = new Map<unknown, number>();
  for (const row of rows) {
    if (row[field] !== undefined) found.set(row[field], (found.get(row[field]) ?? 0) + 1);
  }
  return found;
}

/** Questions, and the sample document that answers each best. */
export const questions: readonly (readonly [question: string, document: string])[] = [
  ['salt cavern', 'salt-caverns.md'],
  ['How does a PEM electrolyser work?', 'pem-electrolysis.md'],
  ['solid oxide electrolysis with steam', 'solid-oxide-electrolysis.md'],
  ['liquid organic hydrogen carriers', 'liquid-organic-carriers.md'],
  ['storage in metal hydrides', 'metal-hydrides.md'],
  ['steam methane reforming with capture', 'steam-methane-reforming.md'],
  ['direct reduction of iron ore for steel', 'steel-direct-reduction.md'],
  ['embrittlement of steel by hydrogen', 'embrittlement-and-permeation.md'],
  ['ammonia as a carrier of hydrogen', 'ammonia.md'],
];
