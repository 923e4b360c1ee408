import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, type Installation, installInto, onPath, run } from './installation.ts';

/** Prometheus, promtool and Alertmanager of the system, else those of Debian's packages, unpacked and not installed. */
export const prometheusLabel = 'Prometheus with promtool';
export const alertmanagerLabel = 'Alertmanager';

const prometheusFolder = folderOf('prometheus-debian');
const alertmanagerFolder = folderOf('alertmanager-debian');

function programOf(folder: string, ...names: readonly string[]): string | undefined {
  const unpacked = names.map((name) => join(folder, 'usr', 'bin', name)).find((file) => existsSync(file));
  return onPath(...names) ?? unpacked;
}

/** The program that checks metrics and rules; undefined where there is none. */
export const promtoolProgram = (): string | undefined => programOf(prometheusFolder, 'promtool');

export const prometheusProgram = (): string | undefined => programOf(prometheusFolder, 'prometheus');

const unpackedAlertmanager = join(alertmanagerFolder, 'usr', 'bin', 'prometheus-alertmanager');

/** The program and its first arguments; undefined where there is none. */
export function alertmanagerProgram(): readonly [string, ...string[]] | undefined {
  const system = onPath('prometheus-alertmanager', 'alertmanager');
  if (system !== undefined) return [system];
  const mayMount = (): boolean => spawnSync('unshare', ['-rm', 'true']).status === 0;
  if (!existsSync(unpackedAlertmanager) || !mayMount()) return undefined;
  // Debian's program reads its templates at their place in the system: it gets a view of files with them there.
  const mounted = `mount --rbind '${join(alertmanagerFolder, 'usr', 'share')}' /usr/share && exec "$@"`;
  return ['unshare', '-rm', 'sh', '-c', mounted, 'sh', unpackedAlertmanager];
}

/** apt checks the package by the keys of its archive. */
const unpack = (name: string, folder: string): Promise<Installation> =>
  installInto(folder, async (where) => {
    await run('apt-get', ['-q', 'download', name], where);
    const [file = ''] = globSync(`${name}_*.deb`, { cwd: where });
    await run('dpkg', ['-x', file, '.'], where);
  });

const isThere: Installation = { ready: true, made: false };

export async function installPrometheus(): Promise<Installation> {
  const areThere = promtoolProgram() !== undefined && prometheusProgram() !== undefined;
  return areThere ? isThere : unpack('prometheus', prometheusFolder);
}

export async function installAlertmanager(): Promise<Installation> {
  if (alertmanagerProgram()) return isThere;
  const unpacked = await unpack('prometheus-alertmanager', alertmanagerFolder);
  if (!unpacked.ready || alertmanagerProgram()) return unpacked;
  return { ready: false, made: false, reason: 'it needs unshare, and the right to mount' };
}
