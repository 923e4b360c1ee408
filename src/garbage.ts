import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

interface Collect {
  (options: { readonly type: 'major'; readonly execution: 'async' }): Promise<void>;
  (options: { readonly type: 'minor' }): void;
}

let collect: Collect | undefined;

function collector(): Collect {
  if (collect === undefined) {
    // Only contexts created while the flag is set have the function.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
    setFlagsFromString('--no-expose-gc');
  }
  return collect;
}

/**
 * Runs a garbage collection now: by itself V8 waits until the heap has grown by half, and the garbage of a message of
 * several megabytes outweighs everything else. Blocks this thread for about 30 ms.
 */
export const collectGarbage = (): Promise<void> => collector()({ type: 'major', execution: 'async' });

let isYoungSmall = false;

/** Keeps the young generation of each thread at the size that it has: V8 would let it grow to 16 MB. */
export function keepYoungSmall(): void {
  isYoungSmall = true;
  stopYoungGrowth();
}

/** V8 reads the factor whenever it considers growing, but raises it to 2 whenever it creates a heap. */
export function stopYoungGrowth(): void {
  if (isYoungSmall) setFlagsFromString('--semi-space-growth-factor=1');
}

/** The young generation, in bytes: V8 counts both of its halves. */
const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;

/** From 1 MB, with which the main thread starts. */
const growthFactor = 4;
const grownBytes = 2 * growthFactor * 2 ** 20;
/** More objects than have room in the young generation of before. */
const survivors = 20_000;

/**
 * Grows the young generation of the main thread from 1 MB to 4, in about a millisecond, unless it has them: for calls of
 * many at once, of which in 1 MB what is still needed would be taken for old at every other call (a fifth of the processor
 * time, measured). V8 takes them back while the thread has nothing to do.
 */
export function growYoungMemory(): void {
  if (youngBytes() >= grownBytes) return;
  setFlagsFromString(`--semi-space-growth-factor=${growthFactor}`);
  // It grows when more has survived than it holds.
  const kept = Array.from({ length: survivors }, (_, i) => ({ i }));
  collector()({ type: 'minor' });
  stopYoungGrowth();
  kept.length = 0;
}
