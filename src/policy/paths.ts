import { realpath } from 'node:fs/promises';
import nodePath, { type PlatformPath } from 'node:path';
import { HydrogenError } from '../errors.ts';
import { realPathTrouble } from '../file-errors.ts';
import { leadsToHost, type TargetOf, targetOf } from './links-to-hosts.ts';
import { below, existingNameFault, isBelowInText, namesHostOrDevice, newNameFault } from './path-text.ts';

/** The system whose rules hold for paths, and how it follows links; the tests give others. */
export interface PathSystem {
  readonly path: PlatformPath;
  realpath(path: string): Promise<string>;
  readonly targetOf: TargetOf;
}

const thisSystem: PathSystem = { path: nodePath, realpath, targetOf };

/** A path without links, or why there is none. */
type Real = { readonly path: string } | { readonly error: unknown };

async function real(path: string, system: PathSystem): Promise<Real> {
  try {
    return { path: await system.realpath(path) };
  } catch (error) {
    return { error };
  }
}

const pathsIn = (found: readonly Real[]): string[] =>
  found.flatMap((one) => ('path' in one ? [one.path] : []));

/** Where a path could lead: itself, or a path below a folder or beside it, with its name. */
function candidatesOf(path: string, roots: readonly string[], { path: rules }: PathSystem): string[] {
  if (rules.isAbsolute(path)) return [path];
  return roots.flatMap((root) => [rules.resolve(root, path), rules.resolve(rules.dirname(root), path)]);
}

/**
 * Whether a path may be looked at. One that names a host or a device may not, unless it is in a folder of the settings:
 * Windows would log in to the host, with the name and a digest of the password of whoever runs the server.
 */
function mayBeLookedAt(path: string, folders: readonly string[], { path: rules }: PathSystem): boolean {
  return !namesHostOrDevice(path) || folders.some((folder) => isBelowInText(folder, path, rules));
}

/** Whether a link on the way, which may have come with an archive, leads to where nobody may look. Only Windows goes there. */
async function isLinkedAway(path: string, places: readonly string[], system: PathSystem): Promise<boolean> {
  if (system.path.sep !== '\\') return false;
  return leadsToHost(path, system.path, (target) => mayBeLookedAt(target, places, system), system.targetOf);
}

/**
 * Whether a path that cannot be followed is in one of the folders as far as it can be: the way to it may lead out by a link.
 * @param places the folders, by all their names
 * @param roots their real paths
 */
async function leadsInside(
  path: string,
  places: readonly string[],
  roots: readonly string[],
  system: PathSystem,
): Promise<boolean> {
  const { path: rules } = system;
  const isNamedInside = (at: string): boolean => places.some((place) => isBelowInText(place, at, rules));
  if (!isNamedInside(path)) return false;
  for (let at = rules.dirname(path); isNamedInside(at) && rules.dirname(at) !== at; at = rules.dirname(at)) {
    const found = await real(at, system);
    if ('path' in found) return roots.some((root) => below(root, found.path, rules) !== undefined);
  }
  return true;
}

/**
 * The real paths of `paths`, each inside one of `folders` after links have been followed. A relative path starts in a
 * folder or with its name. What the text of a path says is judged before the file system is asked.
 * @throws HydrogenError `not_allowed`, without revealing whether a path outside exists; `unavailable` where a path in a
 * folder cannot be followed
 */
export async function allowedPaths(
  paths: readonly string[],
  folders: readonly string[],
  system: PathSystem = thisSystem,
): Promise<string[]> {
  if (folders.length === 0) {
    throw new HydrogenError(
      'not_allowed',
      'No folder may be read: the setting "folders" (HYDROGEN_FOLDERS) is empty. Add the folders there, or send text with add_document.',
    );
  }
  const { path: rules } = system;
  for (const path of paths) {
    // A host or device outside the folders is refused below, in the words for all that is outside.
    const fault = mayBeLookedAt(path, folders, system) ? existingNameFault(path, rules) : undefined;
    if (fault === undefined) continue;
    throw new HydrogenError('not_allowed', `${JSON.stringify(path)} is not a path here: ${fault}.`);
  }
  const roots = pathsIn(await Promise.all(folders.map((folder) => real(folder, system))));
  const places = [...folders, ...roots];
  const names = roots.map((root) => `"${rules.basename(root)}/"`).join(' or ');
  return Promise.all(
    paths.map(async (path) => {
      const candidates: string[] = [];
      for (const one of candidatesOf(path, roots, system)) {
        const isHarmless = [path, one].every((text) => mayBeLookedAt(text, places, system));
        if (isHarmless && !(await isLinkedAway(one, places, system))) candidates.push(one);
      }
      const found = await Promise.all(candidates.map((one) => real(one, system)));
      const inside = pathsIn(found).find((one) =>
        roots.some((root) => below(root, one, rules) !== undefined),
      );
      if (inside !== undefined) return inside;
      let trouble: string | undefined;
      for (const [i, candidate] of candidates.entries()) {
        const one = found[i];
        if (!one || !('error' in one) || trouble !== undefined) continue;
        // Whether something outside the folders can be followed says that it exists.
        if (await leadsInside(candidate, places, roots, system)) trouble = realPathTrouble(one.error);
      }
      if (trouble !== undefined) {
        throw new HydrogenError('unavailable', `"${path}" cannot be read: ${trouble}`);
      }
      throw new HydrogenError(
        'not_allowed',
        `"${path}" is not in the folders this server may read, or does not exist. Give a path that starts with ${names}, or send text with add_document.`,
      );
    }),
  );
}

/**
 * The path of a new file in `folder` or an existing folder below it. Its name is one that every system takes.
 * @throws HydrogenError `not_allowed` for a hidden file, or a name that leads out of it once links are followed.
 */
export async function newFileIn(
  name: string,
  folder: string,
  system: PathSystem = thisSystem,
): Promise<string> {
  const { path: rules } = system;
  const isElsewhere = namesHostOrDevice(name) || rules.isAbsolute(name);
  const isOneOnlyHere = rules.sep === '/' && name.includes('\\');
  const foreign = isOneOnlyHere ? 'Windows takes "\\" for "/"' : newNameFault(name);
  const fault = isElsewhere ? undefined : foreign;
  if (fault !== undefined) {
    throw new HydrogenError(
      'not_allowed',
      `${JSON.stringify(name)} is not a name for a file on every system: ${fault}. Give another name.`,
    );
  }
  const root = await real(folder, system);
  if (!('path' in root)) {
    throw new HydrogenError(
      'unavailable',
      `The folder "${rules.basename(folder)}" of the settings ${
        realPathTrouble(root.error) === undefined
          ? 'does not exist.'
          : `cannot be used: ${realPathTrouble(root.error)}`
      }`,
    );
  }
  const path = rules.resolve(root.path, name);
  const above = rules.dirname(path);
  const isAway = isElsewhere || (await isLinkedAway(above, [folder, root.path], system));
  const parent = isAway ? undefined : await real(above, system);
  const fileName = rules.basename(path);
  if (
    parent !== undefined &&
    'path' in parent &&
    below(root.path, parent.path, rules) !== undefined &&
    path !== root.path &&
    !fileName.startsWith('.')
  ) {
    return rules.join(parent.path, fileName);
  }
  throw new HydrogenError(
    'not_allowed',
    `"${name}" is not a name in the folder "${rules.basename(root.path)}": give a file name, optionally in an existing subfolder.`,
  );
}
