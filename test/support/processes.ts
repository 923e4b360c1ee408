import { readFileSync } from 'node:fs';

/** Why nothing can be found out about other processes here, if so. */
export const noProcesses: string | undefined =
  process.platform === 'linux' ? undefined : 'there is no /proc to look into';

/** The processes that one has started and that still run, by a part of their command line. */
export function childrenOf(pid: number, commandPart: string): number[] {
  // Each thread has children of its own.
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text
    .split(' ')
    .filter((one) => one !== '')
    .map(Number)
    .filter((child) => isRunning(child) && commandOf(child).includes(commandPart));
}

/** Those of this process that are started from now on, by a part of their command line. */
export function childrenFromNow(commandPart: string): () => number[] {
  const before = childrenOf(process.pid, commandPart);
  return () => childrenOf(process.pid, commandPart).filter((child) => !before.includes(child));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Processor time that a process has used, in ms (to 10 ms). */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
