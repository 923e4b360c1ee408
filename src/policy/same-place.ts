import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { below, folded } from './path-text.ts';

// A folder that is renamed from "Docs" to "docs", or whose name takes another Unicode form, is the same one where the
// file system finds it by either name. What was recorded under the earlier spelling goes on.

interface Kind {
  readonly dev: bigint;
  readonly ino: bigint;
  isSymbolicLink(): boolean;
}

export type LookAtEntry = (path: string) => Promise<Kind>;

const look: LookAtEntry = (path) => lstat(path, { bigint: true });

/** A path and the folders above it up to the first that is spelled the same in both. */
function* differing(a: string, b: string): Generator<readonly [string, string]> {
  for (let [x, y] = [a, b]; x !== y; [x, y] = [dirname(x), dirname(y)]) {
    yield [x, y];
    if (dirname(x) === x || dirname(y) === y) return;
  }
}

/**
 * Whether two paths are spellings of one, which differ in case or Unicode form only and lead to the same without a link.
 * On a file system that tells them apart, a link of one name to the other is still a link.
 */
export async function isSamePlace(a: string, b: string, lookAt: LookAtEntry = look): Promise<boolean> {
  if (a === b) return true;
  if (folded(a) !== folded(b)) return false;
  try {
    for (const [x, y] of differing(a, b)) {
      const [one, other] = await Promise.all([lookAt(x), lookAt(y)]);
      const isSame = one.dev === other.dev && one.ino === other.ino;
      if (!isSame || one.isSymbolicLink() || other.isSymbolicLink()) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * The path with the spelling that it has in one of the folders or files that are known, if it is one of them or below
 * one; else as it is. The longest decides.
 */
export async function asKnown(
  path: string,
  known: readonly string[],
  lookAt: LookAtEntry = look,
): Promise<string> {
  const byLength = [...known].sort((a, b) => b.length - a.length);
  for (const root of byLength) {
    if (below(root, path) !== undefined) return path;
    for (let at = path; ; at = dirname(at)) {
      if (folded(at) === folded(root) && (await isSamePlace(at, root, lookAt))) {
        return root + path.slice(at.length);
      }
      if (dirname(at) === at) break;
    }
  }
  return path;
}
