// What reaches a user: the packages inside the bundle, as the notices that travel with it say, and those that are installed
// beside it, as the lock file says.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noticeRule } from '../build/notices.ts';

export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression; empty where the package names none. */
  readonly licence: string;
  /** Where it reaches a user from. */
  readonly place: 'bundled' | 'installed';
  /** Text of the licence in the notices of the bundle; what is installed has its own. */
  readonly text?: string;
}

/** @param notices the text of dist/THIRD_PARTY_LICENSES.txt */
export function bundledPackages(notices: string): ShippedPackage[] {
  return notices.split(noticeRule).map((notice) => {
    const [head = '', ...lines] = notice.split('\n');
    const [, name, version, licence] = /^(\S+) (\S+) \((.*)\)$/.exec(head) ?? [];
    if (name === undefined || version === undefined)
      throw new Error(`A notice begins with no package: ${head}`);
    return { name, version, licence: licence ?? '', place: 'bundled', text: lines.join('\n').trim() };
  });
}

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** @param lock the text of package-lock.json */
export function installedPackages(lock: string): ShippedPackage[] {
  const { packages } = JSON.parse(lock) as { packages: Record<string, Locked> };
  return Object.entries(packages).flatMap(([path, { version = '', license = '', dev }]) => {
    const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    return name === undefined || dev
      ? []
      : [{ name, version, licence: license, place: 'installed' as const }];
  });
}

export async function shippedPackages(root: string): Promise<ShippedPackage[]> {
  const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8');
  return [
    ...bundledPackages(await read('dist/THIRD_PARTY_LICENSES.txt')),
    ...installedPackages(await read('package-lock.json')),
  ];
}
