import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { Config } from '../config.ts';
import { dataDirectoryOf } from './data-directory.ts';
import type { Problems } from './problems.ts';

/** What is recorded where no setting says so: with a key, changes. */
export const auditLevelOf = ({ audit, auditKey }: Config): 'off' | 'changes' | 'all' =>
  audit ?? (auditKey === undefined ? 'off' : 'changes');

/** The path without links, as far as it exists. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(resolved(parent), relative(parent, path));
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(resolved(folder), resolved(path));
  return !isAbsolute(way) && way !== '..' && !/^\.\.[\\/]/.test(way);
}

/**
 * Adds what would make the record worthless: none without a key, and a key beside the data, where whoever alters the
 * record finds what it takes to code it again.
 * @param origin the file that the key is from, or what else it is from
 */
export function checkAudit(config: Config, origin: string | undefined, problems: Problems): void {
  const { audit, auditKey } = config;
  if (audit !== undefined && audit !== 'off' && auditKey === undefined) {
    problems.add(
      `Setting "audit" is "${audit}", but there is no key: \`hydrogen audit key\` prints one. Keep it in a file outside the data directory, and name that file in HYDROGEN_AUDIT_KEY_FILE.`,
    );
  }
  if (auditKey === undefined || origin === undefined || !isAbsolute(origin)) return;
  if (!isWithin(origin, dataDirectoryOf(config))) return;
  problems.add(
    'Setting "auditKey": the key is in the data directory, where whoever can alter the audit record can read it. Keep it in a file elsewhere, and name that file in HYDROGEN_AUDIT_KEY_FILE.',
  );
}
