import { realpathSync } from 'node:fs';
import type { App } from '../app.ts';
import { placeFault, thisMachine } from '../config/data-directory.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Part } from '../observability/health.ts';
import { type OpenPath, openOnWindows } from '../policy/windows-access.ts';

/** The part that tells where data is. */
export const placeName = 'data directory';

/** Where a folder really is, if that is not where it seems to be: links lead elsewhere, and Windows redirects apps. */
export function realPlace(path: string): string | undefined {
  try {
    const real = realpathSync.native(path);
    return real === path ? undefined : real;
  } catch {
    return undefined;
  }
}

/** A path, and where it really is. */
export function withRealPlace(path: string): string {
  const real = realPlace(path);
  return real === undefined ? path : `${path} (really ${real})`;
}

/** @param ask which of these paths others can read */
export async function openParts(
  paths: readonly string[],
  ask: (paths: readonly string[]) => Promise<readonly OpenPath[]> = openOnWindows,
): Promise<Part[]> {
  try {
    return (await ask(paths)).map(({ path, who, close }) => ({
      name: 'permissions',
      state: 'degraded',
      detail: `${who.join(', ')} can read ${path}`,
      action: `Close it: ${close}`,
    }));
  } catch {
    return [
      {
        ...{ name: 'permissions', state: 'up' },
        detail: 'who besides you can read the data directory could not be found out: PowerShell did not say',
      },
    ];
  }
}

/** What is wrong with where data is, and with who can read it on Windows; only `doctor` shows it. */
export async function placeParts(app: App, { config, secretFiles }: LoadedConfig): Promise<Part[]> {
  const fault = placeFault(app.dataDirectory, config.dataDir !== undefined, thisMachine());
  const { detail = '', action = '' } = fault ?? {};
  return [
    ...(fault ? [{ name: placeName, state: 'degraded' as const, detail, action }] : []),
    ...(await openParts([app.dataDirectory, ...secretFiles])),
  ];
}
