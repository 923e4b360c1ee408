import { stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Ignore } from 'ignore';
import { readSmallFile } from '../../../policy/safe-open.ts';

/** What the `.gitignore` files from a repository's root down to a folder say; deeper ones go before. */
export interface IgnoreRules {
  /** The rules that hold below a folder: these, and those of its own `.gitignore`. */
  within(folder: string): Promise<IgnoreRules>;
  /** @param path absolute */
  ignores(path: string, isFolder: boolean): boolean;
}

interface RuleFile {
  readonly folder: string;
  readonly rules: Ignore;
}

/** Git reads 100 MB; nobody writes as many rules. */
const maxRuleBytes = 10_000_000;

/** As with Git, a link is none. */
async function ruleFile(folder: string): Promise<RuleFile | undefined> {
  try {
    const text = await readSmallFile(join(folder, '.gitignore'), maxRuleBytes);
    const { default: ignore } = await import('ignore');
    return { folder, rules: ignore({ allowRelativePaths: true }).add(text) };
  } catch {
    return undefined;
  }
}

function rulesOf(files: readonly RuleFile[]): IgnoreRules {
  return {
    async within(folder) {
      const own = await ruleFile(folder);
      return own ? rulesOf([own, ...files]) : rulesOf(files);
    },
    ignores(path, isFolder) {
      for (const { folder, rules } of files) {
        const below = relative(folder, path).replaceAll(sep, '/');
        const { ignored, unignored } = rules.test(isFolder ? `${below}/` : below);
        if (ignored || unignored) return ignored;
      }
      return false;
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * The rules that hold in a folder by those above it: inside a Git repository they reach down from its root.
 * Those of the folder itself are not among them yet.
 */
export async function rulesAbove(folder: string): Promise<IgnoreRules> {
  const above: string[] = [];
  let at = folder;
  for (;;) {
    if (await exists(join(at, '.git'))) break;
    const parent = dirname(at);
    // Not inside a repository: nothing above counts.
    if (parent === at) return rulesOf([]);
    above.push(parent);
    at = parent;
  }
  const files = await Promise.all(above.map(ruleFile));
  return rulesOf(files.filter((file) => file !== undefined));
}
