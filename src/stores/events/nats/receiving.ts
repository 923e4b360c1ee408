import {
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  jetstream,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ensureStream, requireJetStream } from './stream.ts';

/** The last event that was received; `created` tells a stream from one of the same name that was made later. */
interface Position {
  readonly created: string;
  seq: number;
}

interface ReceivingOptions {
  readonly stream: string;
  readonly prefix: string;
  readonly replicas: number;
  readonly timeoutMs: number;
  /** Called once events come in. */
  readonly ready: (client: JetStreamClient) => void;
  readonly receive: (message: unknown) => void;
  /** Whether the server was away before the first connection. */
  readonly isLate: () => boolean;
  /** Events may have been missed. */
  readonly missed: () => void;
}

/** How long the server may be silent, ms: it says so itself when there is nothing. */
const heartbeatMs = 5_000;

/** Receives every event once, in order, over outages too. Begins with what comes from now on. */
export interface Receiving {
  /** Resolves when `stop` was called or the consumer was lost: it goes on where it was when it is called again. */
  run(connection: NatsConnection): Promise<void>;
  stop(): void;
}

export function createReceiving(options: ReceivingOptions): Receiving {
  const { stream, prefix, replicas, timeoutMs, ready, receive, isLate, missed } = options;
  let position: Position | undefined;
  let messages: ConsumerMessages | undefined;

  /** Where to begin, given what the stream has. */
  function resume({ created, state }: StreamInfo): Position {
    const next = { created, seq: state.last_seq };
    if (!position) {
      if (isLate()) missed();
      return next;
    }
    const isSame = position.created === created && position.seq <= state.last_seq;
    if (isSame && state.first_seq <= position.seq + 1) return position;
    missed();
    return next;
  }

  return {
    async run(connection) {
      requireJetStream(connection);
      const client = jetstream(connection, { timeout: timeoutMs });
      const manager = await client.jetstreamManager(false);
      const from = resume(await ensureStream(manager, stream, prefix, replicas));
      position = from;
      const consumer = await client.consumers.get(stream, {
        filter_subjects: `${prefix}.>`,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: from.seq + 1,
      });
      messages = await consumer.consume({
        abort_on_missing_resource: true,
        idle_heartbeat: heartbeatMs,
      });
      ready(client);
      for await (const message of messages) {
        if (message.seq <= from.seq) continue;
        from.seq = message.seq;
        try {
          receive(message.json());
        } catch {
          // Not JSON: not one of ours.
        }
      }
    },
    stop() {
      messages?.stop();
      messages = undefined;
    },
  };
}
