import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { NatsRefusal } from './words.ts';

/** Whoever is away for longer is told that everything may have changed. */
const maxAgeMs = 3_600_000;
const maxBytes = 64_000_000;
/** The same event, sent again because its receipt was lost, is dropped within this time. */
const duplicateWindowMs = 120_000;
const nanosecondsOf = (ms: number): number => ms * 1_000_000;

const streamNotFound = 10_059;
/** Another node was faster, with other limits. */
const nameInUse = 10_058;

const oldestWanted = { major: 2, minor: 10 };

/** Whether the server is older than what this was made for; what it needs exists since 2.2, and was not tried there. */
export function isOld({ info }: NatsConnection): boolean {
  const [major = 0, minor = 0] = (info?.version ?? '').split('.').map(Number);
  return major < oldestWanted.major || (major === oldestWanted.major && minor < oldestWanted.minor);
}

/**
 * The client says "jetstream is not enabled" whenever nobody listens, so the server is asked before.
 * @throws NatsRefusal
 */
export function requireJetStream({ info }: NatsConnection): void {
  if (info?.jetstream === true) return;
  throw new NatsRefusal(
    'keeps no messages: JetStream is not enabled there. Enable it (jetstream {} in its configuration)',
  );
}

const codeOf = (error: unknown): number | undefined =>
  error instanceof JetStreamApiError ? error.code : undefined;

/** Whether a subject of the stream covers everything under the prefix. */
const covers = (subject: string, prefix: string): boolean => subject === `${prefix}.>` || subject === '>';

/** The stream of events, made where it is missing. What an administrator has set of it is left alone. */
export async function ensureStream(
  manager: JetStreamManager,
  name: string,
  prefix: string,
  replicas: number,
): Promise<StreamInfo> {
  const find = async (): Promise<StreamInfo | undefined> => {
    try {
      return await manager.streams.info(name);
    } catch (error) {
      if (codeOf(error) === streamNotFound) return undefined;
      throw error;
    }
  };
  const make = async (): Promise<StreamInfo> => {
    try {
      return await manager.streams.add({
        name,
        subjects: [`${prefix}.>`],
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        discard: DiscardPolicy.Old,
        max_age: nanosecondsOf(maxAgeMs),
        max_bytes: maxBytes,
        duplicate_window: nanosecondsOf(duplicateWindowMs),
        num_replicas: replicas,
      });
    } catch (error) {
      const made = codeOf(error) === nameInUse ? await find() : undefined;
      if (made) return made;
      throw error;
    }
  };
  const info = (await find()) ?? (await make());
  if (!info.config.subjects?.some((subject) => covers(subject, prefix))) {
    throw new NatsRefusal(
      `has a stream "${name}" that does not take "${prefix}.>". Add that subject to it, or remove the stream`,
    );
  }
  return info;
}
