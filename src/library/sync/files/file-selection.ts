import nodePath, { type PlatformPath } from 'node:path';
import { badInput } from '../../../errors.ts';
import { folded } from '../../../policy/path-text.ts';
import type { FoldsCase } from './case-folding.ts';

/** Which files of a folder are read: those that match any of `include` (all when it is empty) and none of `exclude`. */
export interface FileSelection {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * Paths are relative to the folder, with `/`. The Unicode form of names never counts: nobody sees it. Case counts only
 * where it does for the file system.
 */
export interface PathFilter {
  /** Whether there are any patterns, so that it matters whether case counts. */
  readonly hasPatterns: boolean;
  takes(path: string, folds: FoldsCase): boolean;
  /** Whether a folder is excluded with everything in it. */
  leavesOut(folder: string, folds: FoldsCase): boolean;
}

interface Matcher {
  /** As it is written. */
  exact(path: string): boolean;
  /** In any case. */
  anyCase(path: string): boolean;
}

type Picomatch = typeof import('picomatch');

const maxPatternLength = 1_000;

/**
 * A pattern without a slash matches names at any depth: `*.md`, `drafts`; one with a slash matches the path relative to
 * the folder: `reports/**`, `reports/*.pdf`. On Windows `\\` separates as `/` does, since no name has one.
 */
function matcher(pattern: string, picomatch: Picomatch, { sep }: PlatformPath): Matcher {
  if (pattern.trim() === '' || pattern.length > maxPatternLength) {
    throw badInput(
      `"${pattern.slice(0, 50)}" is not a path pattern: use one such as "*.pdf" or "reports/**".`,
    );
  }
  const plain = pattern
    .replaceAll(sep, '/')
    .replace(/^\.?\//, '')
    .replace(/\/$/, '');
  const options = { dot: true, basename: !plain.includes('/'), nonegate: true };
  const exact = picomatch(plain.normalize('NFC'), options);
  const anyCase = picomatch(folded(plain), { ...options, nocase: true });
  return {
    exact: (path) => exact(path.normalize('NFC')),
    anyCase: (path) => anyCase(folded(path)),
  };
}

/** @throws HydrogenError `bad_input` for an empty pattern */
export async function pathFilter(
  { include, exclude }: FileSelection,
  system: PlatformPath = nodePath,
): Promise<PathFilter> {
  if (include.length + exclude.length === 0) {
    return { hasPatterns: false, takes: () => true, leavesOut: () => false };
  }
  const { default: picomatch } = await import('picomatch');
  const matchers = (patterns: readonly string[]): Matcher[] =>
    patterns.map((pattern) => matcher(pattern, picomatch, system));
  const [wanted, unwanted] = [matchers(include), matchers(exclude)];
  // Where it is not known whether case counts, rather too little is read than what somebody meant to keep out.
  const leavesOut = (path: string, folds: FoldsCase): boolean =>
    unwanted.some(({ exact, anyCase }) => exact(path) || (folds !== 'no' && anyCase(path)));
  // A pattern such as `!(Private)` matches less in any case than as it is written.
  const isWanted = (path: string, folds: FoldsCase): boolean =>
    wanted.length === 0 ||
    wanted.some(
      ({ exact, anyCase }) => (folds === 'yes' || exact(path)) && (folds === 'no' || anyCase(path)),
    );
  return {
    hasPatterns: true,
    takes: (path, folds) => !leavesOut(path, folds) && isWanted(path, folds),
    leavesOut,
  };
}
