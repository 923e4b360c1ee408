import type { Call } from '../../call.ts';
import type { KnownKeys, StoredKey } from '../../policy/api-keys.ts';

/** What takes the place of a key's secret. */
export interface NewSecret {
  /** SHA-256 of the new secret, hex. */
  readonly hash: string;
  /** Until when the secret that it replaces is good, too; ms since the epoch. */
  readonly previousUntil: number;
}

/** The API keys of a server: of their secrets it has hashes alone. A key that was revoked is kept, and stays so. */
export interface ApiKeys extends KnownKeys {
  /** @throws HydrogenError `conflict` where there is one of that id */
  add(key: StoredKey, call: Call): Promise<void>;
  /** Puts a key as it is elsewhere, in place of the one of that id. */
  put(key: StoredKey, call: Call): Promise<void>;
  /** All that there are, the oldest first. */
  list(call: Call): Promise<readonly StoredKey[]>;
  /**
   * Ends a key; one that was revoked keeps the time of it.
   * @param at ms since the epoch
   * @returns the key as it is now; undefined where there is none of that id
   */
  revoke(id: string, at: number, call: Call): Promise<StoredKey | undefined>;
  /**
   * Replaces the secret of a key. Of several earlier ones only the last is good for a while.
   * @returns the key as it is now; undefined where there is none of that id, or it was revoked
   */
  rotate(id: string, secret: NewSecret, call: Call): Promise<StoredKey | undefined>;
}
