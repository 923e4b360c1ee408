import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

export interface MemoryWatch {
  /** The most that all processes took together, MB, what each took then, and during what; none where it cannot be told. */
  stop(): { readonly peak: number; readonly each: readonly number[]; readonly during: string } | undefined;
}

const intervalMs = 20;

/** Resident memory, KB. What processes share is counted once for each. */
function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}

/** The proportional set size, KB: what processes share, such as the code of Node, is divided among them. */
export function proportionalKb(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
}

/** The most that a process has had since the last time it was asked, MB; not a number where it cannot be told. */
export function takePeakMb(pid: number): number {
  try {
    const peak = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // Begins to count anew (proc(5)).
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return Number(peak) / 1_024;
  } catch {
    return Number.NaN;
  }
}

function parentOf(pid: number): number {
  return Number(
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[1],
  );
}

/** Memory of a process and of all that it has started, KB; empty where it cannot be told. */
export function treeKb(root: number, memoryOf = residentKb): number[] {
  if (process.platform !== 'linux') return [];
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), parentOf(Number(name)));
    } catch {
      // It has just ended.
    }
  }
  const belongs = (pid: number): boolean =>
    pid === root || (parents.has(pid) && belongs(parents.get(pid) ?? 0));
  const each: number[] = [];
  for (const pid of parents.keys()) {
    try {
      if (belongs(pid)) each.push(memoryOf(pid));
    } catch {
      // It has just ended.
    }
  }
  return each;
}

/**
 * Watches a process with all that it has started.
 * @param doing what is under way, asked at each peak
 */
export function watchTree(pid: number, memoryOf = residentKb, doing = (): string => ''): MemoryWatch {
  const sum = (parts: readonly number[]): number => parts.reduce((total, part) => total + part, 0);
  let peak: readonly number[] = [];
  let during = '';
  const look = (): void => {
    const each = treeKb(pid, memoryOf);
    if (sum(each) <= sum(peak)) return;
    peak = each;
    during = doing();
  };
  const timer = setInterval(look, intervalMs);
  look();
  return {
    stop() {
      clearInterval(timer);
      const each = peak.map((part) => Math.round(part / 1_024));
      return each.length === 0 ? undefined : { peak: sum(each), each, during };
    },
  };
}
