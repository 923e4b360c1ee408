import { createHash } from 'node:crypto';
import { copyFile, mkdir, opendir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { extractors } from './extractors.ts';

/** Where a machine has documents that others have written. */
const places = [
  '/usr/share',
  '/usr/lib/node_modules',
  '/usr/lib/python3',
  '/usr/lib/libreoffice',
  '/usr/local/lib',
];
const [minBytes, maxBytes] = [300, 4_000_000];

async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await opendir(folder).catch(() => undefined);
  if (!entries) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/** Copies so many of each ending, the same ones each time, into a folder. */
export async function gather(into: string, each: number): Promise<void> {
  await mkdir(into, { recursive: true });
  const found = new Map<string, { key: string; path: string }[]>();
  for (const place of places) {
    for await (const path of filesBelow(place)) {
      const ending = extname(path).toLowerCase();
      if (extractors[ending] === undefined) continue;
      const { size } = await stat(path);
      if (size < minBytes || size > maxBytes) continue;
      const key = createHash('sha256').update(path).digest('hex');
      found.set(ending, [...(found.get(ending) ?? []), { key, path }]);
    }
  }
  for (const [ending, files] of found) {
    const taken = files.toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, each);
    for (const { key, path } of taken) await copyFile(path, join(into, `${key.slice(0, 12)}${ending}`));
  }
}

export async function documentsIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const path of filesBelow(folder)) {
    if (extractors[extname(path).toLowerCase()] !== undefined) files.push(path);
  }
  return files.sort();
}
