import type { Logger } from 'pino';

export interface NatsEventsSettings {
  /**
   * `nats://` or, with TLS, `tls://`, with `user:password@` or `token@`; several servers of a cluster are separated by
   * commas. Never shown anywhere.
   */
  readonly url: string;
  /** The text of a credentials file, instead of a user in the URL; as secret. */
  readonly credentials?: string;
  /** Where the URL is set, for sentences: `setting natsUrl`. */
  readonly setting: string;
  /** What all subjects begin with: `hydrogen` makes `hydrogen.run.changed`. */
  readonly prefix?: string;
  /** The name of the stream that keeps the events; made where it is missing. By default the prefix in capitals. */
  readonly stream?: string;
  /** Servers of a cluster that keep the stream. */
  readonly replicas?: number;
  /** How long an answer of the server is waited for, ms. */
  readonly timeoutMs?: number;
  readonly log: Logger;
}
