import { accessSync, constants } from 'node:fs';
import { url as inspectorUrl } from 'node:inspector';

/**
 * Makes glibc's malloc hold on to less freed memory. By default it has an arena for nearly every thread, returns only
 * the free top of each to the system, and lets that top grow with the size of the blocks it has seen freed
 * (mallopt(3)): a server that handled many concurrent messages of several megabytes kept 250 MB. Other allocators
 * ignore these variables.
 */
const settings = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/** If any of these is set already, we change none of ours. */
const setElsewhere = ['GLIBC_TUNABLES', 'LD_PRELOAD', ...Object.keys(settings)];

/** Linux accepts at least 128 KB; a failed `execve` aborts the process. */
const maxBytes = 100_000;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Re-executes this process (same pid, same arguments) so that malloc reads the settings above, which it does only at
 * startup. Returns if that is impossible or has already been done. Call it before anything is open. It costs 40 ms,
 * which is acceptable only for a long-running server.
 */
export function restartWithSmallArenas(): void {
  const { argv, env, execArgv, execPath, execve, platform } = process;
  if (platform !== 'linux' || execve === undefined) return;
  if (setElsewhere.some((name) => env[name] !== undefined)) return;
  // A channel to the parent or a debugger would be lost.
  if (process.channel !== undefined || inspectorUrl() !== undefined) return;
  const args = [execPath, ...execArgv, ...argv.slice(1)];
  const environment = { ...env, ...settings };
  const bytes = [...args, ...Object.entries(environment).flat()].join('  ').length;
  if (bytes > maxBytes || !isExecutable(execPath)) return;
  execve(execPath, args, environment);
}
