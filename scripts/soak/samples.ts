import { treeKb } from '../hostile/memory.ts';
import type { SampleServer } from './server.ts';

/** Memory at one moment, MB. */
export interface Sample {
  /** When, ms since the beginning. */
  readonly at: number;
  /** The server's own process. */
  readonly resident: number;
  /** With what it has started; as `resident` where that cannot be told. */
  readonly all: number;
  /** Objects of the main thread, garbage included. */
  readonly heap: number;
}

interface Detailed {
  readonly process: { readonly residentMb: number; readonly heapMb: number };
}

/** Asks the server about its memory every so often. */
export interface Sampler {
  readonly samples: readonly Sample[];
  stop(): Promise<void>;
}

export function sampleMemory(
  { url, headers, pid }: Pick<SampleServer, 'url' | 'headers' | 'pid'>,
  everyMs: number,
): Sampler {
  const samples: Sample[] = [];
  const began = performance.now();
  const detailed = url.replace(/\/mcp$/, '/health/detailed');
  let isOver = false;
  async function sample(): Promise<void> {
    const { process } = (await (await fetch(detailed, { headers })).json()) as Detailed;
    const tree = treeKb(pid);
    const all = tree.length === 0 ? process.residentMb : tree.reduce((sum, kb) => sum + kb, 0) / 1_024;
    samples.push({ at: performance.now() - began, resident: process.residentMb, all, heap: process.heapMb });
  }
  const done = (async () => {
    while (!isOver) {
      // A server that does not answer is told by those who call it.
      await sample().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    samples,
    stop() {
      isOver = true;
      return done;
    },
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The samples of the first, the middle and the last third of the time. */
export function thirds(samples: readonly Sample[], length: number): readonly (readonly Sample[])[] {
  return [0, 1, 2].map((third) =>
    samples.filter(({ at }) => Math.min(2, Math.floor((3 * at) / length)) === third),
  );
}
