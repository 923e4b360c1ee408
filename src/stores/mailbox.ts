import type { Call } from '../call.ts';

/** Texts that one node leaves for another, which is not known: whoever waits for one knows its key. */
export interface Mailbox {
  /** Leaves a text; it is kept for an hour at most. */
  put(key: string, text: string, call: Call): Promise<void>;
  /** Takes out what has come under these keys. */
  take(keys: readonly string[], call: Call): Promise<ReadonlyMap<string, string>>;
}
