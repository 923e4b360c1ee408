import { readdirSync, readFileSync } from 'node:fs';

export interface MemoryWatch {
  /** The most that all processes took together, MB; undefined where it cannot be told. */
  stop(): number | undefined;
}

const intervalMs = 20;

/** Resident memory, KB. What processes share is counted once for each. */
function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}

function parentOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1]);
}

function treeKb(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), parentOf(Number(name)));
    } catch {
      // It has just ended.
    }
  }
  const belongs = (pid: number): boolean => pid === root || (parents.has(pid) && belongs(parents.get(pid) ?? 0));
  let sum = 0;
  for (const pid of parents.keys()) {
    try {
      if (belongs(pid)) sum += residentKb(pid);
    } catch {
      // It has just ended.
    }
  }
  return sum;
}

/** Watches a process with all that it has started. */
export function watchTree(pid: number): MemoryWatch {
  let peak = 0;
  const look = (): void => {
    if (process.platform === 'linux') peak = Math.max(peak, treeKb(pid));
  };
  const timer = setInterval(look, intervalMs);
  look();
  return {
    stop() {
      clearInterval(timer);
      return peak === 0 ? undefined : Math.round(peak / 1_000);
    },
  };
}
