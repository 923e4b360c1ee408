import { type Cache, type CacheKey, everythingTag } from './cache.ts';
import { nameOf } from './digest.ts';
import { createFlights, defaultPatienceMs } from './flights.ts';

interface Entry {
  readonly value: Uint8Array;
  readonly generation: string;
  /** When its computation began, and until when it is used, by the process's clock, ms. */
  readonly begun: number;
  readonly until: number;
}

interface MemoryOptions {
  /** What all values together may take. */
  readonly maxBytes?: number;
}

/** A value is kept only where many others still have room. */
const maxShareOfValue = 1 / 8;
/** What an entry takes beside its value: its key, its object, its place in the map. */
const entryBytes = 300;
/** Tags whose changes are counted one by one. */
const maxTags = 10_000;

/** The cache of one process. What was used longest ago gives way. */
export function createMemoryCache({ maxBytes = 16_000_000 }: MemoryOptions = {}): Cache {
  /** In the order of their last use. */
  const entries = new Map<string, Entry>();
  const flights = createFlights();
  const changes = new Map<string, number>();
  let bytes = 0;
  /** Counts the times at which everything became worthless. */
  let epoch = 0;

  const generationOf = ({ tags }: CacheKey): string =>
    [epoch, ...[everythingTag, ...tags].map((tag) => changes.get(tag) ?? 0)].join();

  function forget(name: string): void {
    const entry = entries.get(name);
    if (!entry) return;
    entries.delete(name);
    bytes -= entry.value.byteLength + entryBytes;
  }

  function forgetAll(): void {
    changes.clear();
    entries.clear();
    bytes = 0;
    epoch++;
  }

  function find(name: string, generation: string): Entry | undefined {
    const entry = entries.get(name);
    if (!entry) return undefined;
    if (entry.generation !== generation || performance.now() >= entry.until) {
      forget(name);
      return undefined;
    }
    entries.delete(name);
    entries.set(name, entry);
    return entry;
  }

  function keep(name: string, entry: Entry): void {
    forget(name);
    const size = entry.value.byteLength + entryBytes;
    if (size > maxBytes * maxShareOfValue) return;
    entries.set(name, entry);
    bytes += size;
    for (const oldest of entries.keys()) {
      if (bytes <= maxBytes) break;
      forget(oldest);
    }
  }

  return {
    async remember(key, { ttlMs, patienceMs = defaultPatienceMs }, compute, call) {
      const [name, generation] = [nameOf(key), generationOf(key)];
      const found = find(name, generation);
      if (found) return { value: found.value, ageMs: performance.now() - found.begun };
      // A computation that began before a change of the tags is another one.
      const flight = `${name} ${generation}`;
      const join = (): ReturnType<typeof flights.join> => flights.join(flight, patienceMs, call);
      for (let under = join(); under; under = join()) {
        const joined = await under;
        if (joined === 'late') break;
        if (joined !== 'ended') return { value: joined, ageMs: 0 };
      }
      const begun = performance.now();
      const value = await flights.lead(flight, () => compute(call));
      if (generationOf(key) === generation) keep(name, { value, generation, begun, until: begun + ttlMs });
      return { value, ageMs: 0 };
    },
    count: async () => entries.size,
    async clear() {
      const { size } = entries;
      forgetAll();
      return size;
    },
    async invalidate(tags) {
      for (const tag of tags) changes.set(tag, (changes.get(tag) ?? 0) + 1);
      if (changes.size <= maxTags) return;
      forgetAll();
    },
  };
}
