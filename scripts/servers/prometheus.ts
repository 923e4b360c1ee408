import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, type Installation, installInto, onPath, run } from './installation.ts';

/** Prometheus and promtool of the system, else those of Debian's package, unpacked and not installed. */
export const prometheusLabel = 'Prometheus with promtool';

const folder = folderOf('prometheus-debian');
const unpacked = join(folder, 'usr', 'bin', 'promtool');

/** The program that checks metrics and rules; undefined where there is none. */
export function promtoolProgram(): string | undefined {
  return onPath('promtool') ?? (existsSync(unpacked) ? unpacked : undefined);
}

export async function installPrometheus(): Promise<Installation> {
  if (promtoolProgram() !== undefined) return { ready: true, made: false };
  return installInto(folder, async (where) => {
    // apt checks the package by the keys of its archive.
    await run('apt-get', ['-q', 'download', 'prometheus'], where);
    const [file = ''] = globSync('prometheus_*.deb', { cwd: where });
    await run('dpkg', ['-x', file, '.'], where);
  });
}
