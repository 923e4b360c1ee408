import { headers, type NatsConnection, type Subscription as NatsSubscription } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { NodeChannel } from '../events.ts';

/** Who sends: a node is not told what it says itself. */
const senderHeader = 'Hydrogen-Node';
/** The server's own limit is a mebibyte unless it is set to another. */
const maxBytes = 900_000;

/** Messages from node to node, by a subject that no stream keeps. */
export interface NatsChannel extends NodeChannel {
  /** From now on it goes by this connection. */
  use(connection: NatsConnection): void;
}

export function createNatsChannel(prefix: string, sender: string, log: Logger): NatsChannel {
  // Not below the prefix, where the stream of events keeps everything.
  const subject = `${prefix}-nodes`;
  const handlers = new Set<(text: string) => void>();
  let connection: NatsConnection | undefined;
  let subscription: NatsSubscription | undefined;

  function listen(): void {
    if (!connection || handlers.size === 0 || (subscription && !subscription.isClosed())) return;
    subscription = connection.subscribe(subject, {
      callback(err, message) {
        if (err || message.headers?.get(senderHeader) === sender) return;
        for (const handler of handlers) handler(message.string());
      },
    });
  }

  return {
    use(made) {
      connection = made;
      subscription = undefined;
      listen();
    },
    send(text) {
      if (Buffer.byteLength(text) > maxBytes) {
        log.warn('a message to other nodes is too large to be passed on');
        return;
      }
      const head = headers();
      head.set(senderHeader, sender);
      try {
        connection?.publish(subject, text, { headers: head });
      } catch (err) {
        log.warn({ err }, 'a message to other nodes was not passed on');
      }
    },
    receive(handler) {
      const own = (text: string): void => handler(text);
      handlers.add(own);
      listen();
      return () => handlers.delete(own);
    },
  };
}
