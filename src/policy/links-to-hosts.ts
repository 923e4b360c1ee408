import { readlink } from 'node:fs/promises';
import type { PlatformPath } from 'node:path';
import { codeOf } from '../file-errors.ts';
import { namesHostOrDevice } from './path-text.ts';

/** What a link at a path leads to, as it is written; undefined where there is no link. */
export type TargetOf = (path: string) => Promise<string | undefined>;

/** Reads a link without following it. */
export const targetOf: TargetOf = async (path) => {
  try {
    return await readlink(path);
  } catch (error) {
    // No link, or what whoever follows the path meets, too.
    if (codeOf(error) !== '') return undefined;
    throw error;
  }
};

/** Beyond it, following fails as well. */
const maxLinks = 40;

/**
 * Whether a link on the way of a path leads to a host or a device. To follow it is to log in there, on Windows; so the links
 * are read one by one, each only after all before it were found to be harmless.
 * @param path absolute
 * @param mayLead whether a host or device that a link names may be asked
 */
export async function leadsToHost(
  path: string,
  rules: PlatformPath,
  mayLead: (target: string) => boolean,
  read: TargetOf = targetOf,
): Promise<boolean> {
  let whole = rules.resolve(path);
  for (let links = 0; links <= maxLinks; ) {
    const { root } = rules.parse(whole);
    const names = whole.slice(root.length).split(rules.sep).filter(Boolean);
    let at = root;
    let followed: string | undefined;
    for (const [i, name] of names.entries()) {
      at = rules.join(at, name);
      const target = await read(at);
      if (target === undefined) continue;
      const next = rules.resolve(rules.dirname(at), target);
      if (namesHostOrDevice(next) && !mayLead(next)) return true;
      followed = rules.join(next, ...names.slice(i + 1));
      break;
    }
    if (followed === undefined) return false;
    whole = followed;
    links++;
  }
  return false;
}
