import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Ignore } from 'ignore';
import { below } from '../../../policy/path-text.ts';
import { readSmallFile } from '../../../policy/safe-open.ts';

/**
 * The `.gitignore` rules from a repository's root down to a folder; deeper files take precedence. Rules hold in any case
 * and Unicode form: on a file system that tells them apart more is ignored than by Git.
 */
export interface IgnoreRules {
  /** The rules inside a folder: these plus those of its own `.gitignore`. */
  within(folder: string): Promise<IgnoreRules>;
  /** @param path absolute */
  ignores(path: string, isFolder: boolean): boolean;
}

interface RuleFile {
  readonly folder: string;
  readonly rules: Ignore;
}

/** Git reads up to 100 MB; nobody writes that many rules. */
const maxRuleBytes = 10_000_000;

/** As in Git, a `.gitignore` that is a link is ignored. */
async function ruleFile(folder: string): Promise<RuleFile | undefined> {
  try {
    const text = await readSmallFile(join(folder, '.gitignore'), maxRuleBytes);
    const { default: ignore } = await import('ignore');
    return {
      folder,
      rules: ignore({ allowRelativePaths: true, ignoreCase: true }).add(text.normalize('NFC')),
    };
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
        const name = below(folder, path)?.normalize('NFC') ?? '';
        if (name === '') continue;
        const { ignored, unignored } = rules.test(isFolder ? `${name}/` : name);
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
 * The rules that a folder inherits from its parents, starting at the root of the Git repository it is in. Those of the
 * folder itself are not included.
 */
export async function rulesAbove(folder: string): Promise<IgnoreRules> {
  const above: string[] = [];
  let at = folder;
  for (;;) {
    if (await exists(join(at, '.git'))) break;
    const parent = dirname(at);
    // Outside a repository, nothing above counts.
    if (parent === at) return rulesOf([]);
    above.push(parent);
    at = parent;
  }
  const files = await Promise.all(above.map(ruleFile));
  return rulesOf(files.filter((file) => file !== undefined));
}
