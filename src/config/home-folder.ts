import { homedir } from 'node:os';
import { join, win32 } from 'node:path';

/**
 * A path of a setting with the user's home folder for a `~` before it: no shell has seen what stands in a file or in a
 * client's settings. `~name` is left as it is: a file may be called so.
 */
export function fromHome(
  path: string,
  { home = homedir(), platform = process.platform }: { home?: string; platform?: NodeJS.Platform } = {},
): string {
  if (path === '~') return home;
  if (platform === 'win32') return /^~[\\/]/.test(path) ? win32.join(home, path.slice(2)) : path;
  return path.startsWith('~/') ? join(home, path.slice(2)) : path;
}
