import type { Call } from '../../call.ts';
import type { BackendState } from '../backend.ts';

/** Every value has this tag besides its own. */
export const everythingTag = '';
/** What depends on any document of the library. */
export const libraryTag = 'library';

/** What a value is known by. */
export interface CacheKey {
  /** What kind of value it is: a word. */
  readonly kind: string;
  /** Everything that the value depends on, who may see it included. The cache keeps a digest of it only. */
  readonly parts: readonly string[];
  /** What it is made of: a change of any of these makes the value worthless. */
  readonly tags: readonly string[];
}

interface RememberOptions {
  /** How long the value may be used, ms. */
  readonly ttlMs: number;
  /** How long the cache, or who computes the value for others, is waited for before it is computed here, ms. */
  readonly patienceMs?: number;
}

export interface Remembered {
  readonly value: Uint8Array;
  /** How long ago its computation began, ms; 0 for a value that was computed for this call. */
  readonly ageMs: number;
}

/**
 * Values that take time to compute. A cache makes calls faster or does nothing: where it fails, is full or is away, the
 * value is computed. Over all that share it, a value is computed once at a time.
 */
export interface Cache {
  /**
   * The value, or what `compute` makes. Whoever waits for another's computation computes by itself where that takes
   * long. A computation that began before an invalidation is never kept.
   * @throws HydrogenError `cancelled`, `timeout`, and what `compute` throws
   */
  remember(
    key: CacheKey,
    options: RememberOptions,
    compute: (call: Call) => Promise<Uint8Array>,
    call: Call,
  ): Promise<Remembered>;
  /**
   * Makes every value with one of the tags worthless, whatever their number. Does not fail: where the cache is away,
   * this process uses no such value before all that share the cache have been told.
   */
  invalidate(tags: readonly string[], call: Call): Promise<void>;
  /** How many values are there. @throws HydrogenError `unavailable` where a server does not say */
  count(call: Call): Promise<number>;
  /**
   * Removes every value, not only from use.
   * @returns how many there were
   * @throws HydrogenError `unavailable` where they may still be there
   */
  clear(call: Call): Promise<number>;
}

/** A cache that is a server. */
export interface CacheServer extends Cache {
  /** A round trip that writes, in ms. @throws HydrogenError `unavailable` with advice */
  ping(call: Call): Promise<number>;
  /** What the server has last shown of itself. */
  state(): BackendState;
  close(): Promise<void>;
}
