import { badInput } from '../../../errors.ts';

/** Which files of a folder are read: those that match any of `include` (all when it is empty) and none of `exclude`. */
export interface FileSelection {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Paths are relative to the folder, with `/`. */
export interface PathFilter {
  takes(path: string): boolean;
  /** Whether a folder is excluded with everything in it. */
  leavesOut(folder: string): boolean;
}

type Matcher = (path: string) => boolean;
type Picomatch = typeof import('picomatch');

const maxPatternLength = 1_000;

/**
 * A pattern without a slash matches names at any depth: `*.md`, `drafts`; one with a slash matches the path relative to
 * the folder: `reports/**`, `reports/*.pdf`.
 */
function matcher(pattern: string, picomatch: Picomatch): Matcher {
  if (pattern.trim() === '' || pattern.length > maxPatternLength) {
    throw badInput(
      `"${pattern.slice(0, 50)}" is not a path pattern: use one such as "*.pdf" or "reports/**".`,
    );
  }
  const plain = pattern.replace(/^\.?\//, '').replace(/\/$/, '');
  const matches = picomatch(plain, { dot: true, basename: !plain.includes('/'), nonegate: true });
  return (path) => matches(path);
}

/** @throws HydrogenError `bad_input` for an empty pattern */
export async function pathFilter({ include, exclude }: FileSelection): Promise<PathFilter> {
  if (include.length + exclude.length === 0) return { takes: () => true, leavesOut: () => false };
  const { default: picomatch } = await import('picomatch');
  const matchers = (patterns: readonly string[]): Matcher[] =>
    patterns.map((pattern) => matcher(pattern, picomatch));
  const [wanted, unwanted] = [matchers(include), matchers(exclude)];
  const leavesOut = (path: string): boolean => unwanted.some((matches) => matches(path));
  return {
    takes: (path) => !leavesOut(path) && (wanted.length === 0 || wanted.some((matches) => matches(path))),
    leavesOut,
  };
}
