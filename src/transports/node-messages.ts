import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type Caller, operations } from '../call.ts';
import type { Logger } from '../observability/log.ts';
import type { NodeChannel } from '../stores/events/events.ts';

/**
 * What the nodes behind a balancer tell each other of a session whose requests come to any of them. `session` is the key
 * of its id (`sessionKey`), never the id.
 */
export type NodeMessage =
  /** A client's answer to a question of another node, or the cancellation of a request to it. */
  | {
      readonly kind: 'incoming';
      readonly session: string;
      readonly caller: Caller;
      readonly message: JSONRPCMessage;
    }
  /** A notice for a client that listens on another node. */
  | { readonly kind: 'notice'; readonly session: string; readonly message: JSONRPCMessage }
  | { readonly kind: 'ended'; readonly session: string };

/** The way between nodes. What is lost on it is asked again, or times out. */
export interface NodeMessages {
  /** To all other nodes; does not wait. */
  send(message: NodeMessage): void;
  /** @returns what ends it */
  onMessage(handler: (message: NodeMessage) => void): () => void;
}

const text = z.string().max(200);
const message = z.custom<JSONRPCMessage>((value) => typeof value === 'object' && value !== null);
/** What another node says; one of a later version may say more. */
const known: z.ZodType<NodeMessage> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('incoming'),
    session: text,
    caller: z.object({ id: z.string(), scopes: z.array(z.enum(operations)) }),
    message,
  }),
  z.object({ kind: z.literal('notice'), session: text, message }),
  z.object({ kind: z.literal('ended'), session: text }),
]);

/** Messages of nodes by a channel of texts. */
export function nodeMessagesBy(channel: NodeChannel, log: Logger): NodeMessages {
  return {
    send: (told) => channel.send(JSON.stringify(told)),
    onMessage: (handler) =>
      channel.receive((received) => {
        let told: NodeMessage;
        try {
          told = known.parse(JSON.parse(received));
        } catch (err) {
          log.debug({ err }, 'another node said what is not known here');
          return;
        }
        handler(told);
      }),
  };
}
