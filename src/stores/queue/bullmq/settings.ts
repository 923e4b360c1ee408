import type { Logger } from 'pino';

export interface BullmqSettings {
  /** `redis://` or, with TLS, `rediss://`; never shown anywhere. */
  readonly url: string;
  /** Where the URL is set, for sentences: `setting redisUrl`. */
  readonly setting: string;
  /** What all keys begin with. */
  readonly prefix?: string;
  /** How long a node that has no room leaves a wake-up to others, ms. */
  readonly busyMs?: number;
  readonly log: Logger;
}
