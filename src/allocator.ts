import { accessSync, constants } from 'node:fs';
import { url as inspectorUrl } from 'node:inspector';

/**
 * How glibc's malloc is to keep less of what is freed. By itself it has an arena for nearly every thread, gives back
 * only the free end of each, and lets that end become the larger, the larger the blocks were that it has seen freed
 * (mallopt(3)): after messages of megabytes from all sides a server kept 250 MB. Other allocators ignore these.
 */
const settings = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/** Where somebody has set one, all are left as they are. */
const setElsewhere = ['GLIBC_TUNABLES', 'LD_PRELOAD', ...Object.keys(settings)];

/** Linux takes 128 KB at least; a program that cannot be started is aborted. */
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
 * Begins this process anew, as the same process with the same arguments, so that malloc reads the settings above: it
 * does at the start only. Returns where that is not possible, or has been done. To be called before anything is open:
 * it costs 40 ms, which a server that stays has.
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
