import type { Logger } from 'pino';
import type { Counters, Window } from '../../../policy/counters.ts';

export interface RedisCountersSettings {
  /** `redis://` or, with TLS, `rediss://`; never shown anywhere. */
  readonly url: string;
  /** Where the URL is set, for sentences: `setting redisUrl`. */
  readonly setting: string;
  /** What all keys begin with. */
  readonly prefix: string;
  /** How long a count waits for the server, ms. */
  readonly timeoutMs: number;
  /** Counts while the server does not. */
  readonly meanwhile: Counters;
  readonly seconds?: Readonly<Record<Window, number>>;
  readonly log: Logger;
}
