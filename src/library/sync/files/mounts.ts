import type { BigIntStats } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { below } from '../../../policy/path-text.ts';
import type { FileCandidate } from './survey.ts';

/** Device and inode: another folder at the same path has others. Not kept by every file system after a remount. */
export function identityOf({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

/** Mount points as Linux lists them, of which a bind mount of the same disk is not told by its device; elsewhere none. */
export async function listedMounts(): Promise<ReadonlySet<string>> {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const unescaped = (path: string): string =>
    path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
  return new Set(text.split('\n').flatMap((line) => unescaped(line.split(' ')[4] ?? '') || []));
}

async function deviceOf(path: string): Promise<bigint | undefined> {
  return lstat(path, { bigint: true }).then(
    ({ dev }) => dev,
    () => undefined,
  );
}

export async function isMounted(path: string, listed: ReadonlySet<string>): Promise<boolean> {
  if (listed.has(path)) return true;
  const device = await deviceOf(path);
  return device !== undefined && device !== (await deviceOf(dirname(path)));
}

/** The highest folder above a file that is on its device. */
async function mountOf(file: FileCandidate): Promise<string> {
  let at = dirname(file.file);
  for (let parent = dirname(at); parent !== at; parent = dirname(at)) {
    if ((await deviceOf(parent)) !== file.seen.dev) break;
    at = parent;
  }
  return at;
}

/** Mount points below a folder that hold any of its files. */
export async function mountsBelow(
  folder: string,
  device: bigint,
  files: readonly FileCandidate[],
  listed: ReadonlySet<string>,
): Promise<string[]> {
  const isInside = (path: string): boolean => (below(folder, path) ?? '') !== '';
  const mounts = new Set(
    [...listed].filter((path) => isInside(path) && files.some(({ file }) => below(path, file) !== undefined)),
  );
  for (const file of files) {
    if (file.seen.dev === device) continue;
    if ([...mounts].some((path) => below(path, file.file) !== undefined)) continue;
    const path = await mountOf(file);
    if (isInside(path)) mounts.add(path);
  }
  return [...mounts].sort();
}
