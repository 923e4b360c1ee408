import type { Logger } from 'pino';

export interface RedisCacheSettings {
  /** `redis://` or, with TLS, `rediss://`; never shown anywhere. */
  readonly url: string;
  /** Where the URL is set, for sentences: `setting redisUrl`. */
  readonly setting: string;
  /** What all keys begin with. */
  readonly prefix?: string;
  /** How long a call waits for the server before it computes, ms. */
  readonly timeoutMs?: number;
  /** How long the right to compute a value lasts, ms: whoever holds it may have died. */
  readonly lockMs?: number;
  /** How long is waited for the computation of another, ms. */
  readonly patienceMs?: number;
  readonly log: Logger;
}
