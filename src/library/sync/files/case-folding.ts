import type { FileId } from '../../../policy/safe-open.ts';
import { isSame } from '../../../policy/safe-open.ts';

/** Whether a name means the same file in another case. Where it is not known, what is excluded stays out in any case. */
export type FoldsCase = 'yes' | 'no' | 'unsure';

/** Names that are tried: one may vanish meanwhile. */
const maxTries = 3;

const swapped = (letter: string): string => {
  const upper = letter.toUpperCase();
  return upper === letter ? letter.toLowerCase() : upper;
};

/** The name in another case, changed in letters of ASCII only where it has any: every file system that folds knows them. */
function otherCase(name: string): string {
  const plain = name.replace(/[a-z]/gi, swapped);
  return plain === name ? name.replace(/\p{L}/gu, swapped) : plain;
}

type Lstat = (name: string) => Promise<FileId>;

async function lookFor(name: string, lstat: Lstat): Promise<FileId | 'missing' | undefined> {
  return lstat(name).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? 'missing' : undefined,
  );
}

/** Undefined where the entry says nothing: it is gone, could not be looked at, or is found as two. */
async function askFor(name: string, lstat: Lstat): Promise<'yes' | 'no' | undefined> {
  const other = await lookFor(otherCase(name), lstat);
  if (other === undefined) return undefined;
  const own = await lookFor(name, lstat);
  if (own === undefined || own === 'missing') return undefined;
  if (other === 'missing') return 'no';
  // It is not listed. Some network folders give a file another number for each name that it is asked for by.
  return isSame(own, other) ? 'yes' : undefined;
}

/**
 * Asks the file system of a folder, by looking for an entry under its name in another case. It is asked in each folder,
 * since on Linux and Windows a single folder can be set to be another than its parent.
 * @param names all entries
 * @param lstat of an entry
 * @param above the answer for the parent, which stands where no entry has a letter with cases
 */
export async function foldsCase(
  names: readonly string[],
  lstat: Lstat,
  above: FoldsCase,
): Promise<FoldsCase> {
  const all = new Set(names);
  const telling = names.filter((name) => otherCase(name) !== name);
  if (telling.length === 0) return above;
  // Both are listed, so they are two.
  if (telling.some((name) => all.has(otherCase(name)))) return 'no';
  for (const name of telling.slice(0, maxTries)) {
    const answer = await askFor(name, lstat);
    if (answer !== undefined) return answer;
  }
  return 'unsure';
}

/** For a path, of which any part may be in a folder that folds. */
export function eitherFolds(above: FoldsCase, own: FoldsCase): FoldsCase {
  for (const answer of ['yes', 'unsure'] as const) if (above === answer || own === answer) return answer;
  return 'no';
}
