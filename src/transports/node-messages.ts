import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type Caller, operations, systemCall } from '../call.ts';
import type { Logger } from '../observability/log.ts';
import type { NodeChannel } from '../stores/events/events.ts';
import type { Mailbox } from '../stores/mailbox.ts';
import { isQuestionId } from './session-requests.ts';

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
  /** A node that may have had subscriptions of it has it no more. */
  | { readonly kind: 'left'; readonly session: string }
  | { readonly kind: 'ended'; readonly session: string };

/** The way between nodes. What is lost on it is asked again, or times out. */
export interface NodeMessages {
  /** To all other nodes that are there now; does not wait. */
  send(message: NodeMessage): void;
  /** To the node that waits for it, also where it cannot be told now. Never fails. */
  deliver(message: NodeMessage): Promise<void>;
  /**
   * @param waitingFor the ids of the requests to clients that are not answered yet
   * @returns what ends it
   */
  onMessage(handler: (message: NodeMessage) => void, waitingFor: () => readonly string[]): () => void;
}

const text = z.string().max(200);
const message = z.custom<JSONRPCMessage>((value) => typeof value === 'object' && value !== null);
/** Whole: one without its roles would be narrowed by nothing. */
const caller: z.ZodType<Caller> = z.strictObject({
  id: z.string(),
  name: z.exactOptional(z.string()),
  scopes: z.array(z.enum(operations)),
  roles: z.exactOptional(z.array(z.string())),
  claims: z.exactOptional(z.record(z.string(), z.unknown())),
});
/** What another node says; one of a later version may say more. */
const known: z.ZodType<NodeMessage> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('incoming'),
    session: text,
    caller,
    message,
  }),
  z.object({ kind: z.literal('notice'), session: text, message }),
  z.object({ kind: z.literal('left'), session: text }),
  z.object({ kind: z.literal('ended'), session: text }),
]);

/** How often answers that other nodes left are looked for while there are questions, ms. */
const lookEveryMs = 500;
/** How long leaving one, or looking for them, may take, ms. */
const mailboxMs = 3_000;
/** Answers to what is asked here are short, bytes. */
const maxLeftBytes = 64 * 2 ** 10;

interface Ways {
  readonly channel?: NodeChannel | undefined;
  readonly mailbox?: Mailbox | undefined;
}

/**
 * Messages of nodes: by a channel at once, and what somebody waits for also by a mailbox, since the channel may be down.
 * Undefined where there is neither.
 */
export function nodeMessagesBy({ channel, mailbox }: Ways, log: Logger): NodeMessages | undefined {
  if (!channel && !mailbox) return undefined;

  function read(received: string): NodeMessage | undefined {
    try {
      return known.parse(JSON.parse(received));
    } catch (err) {
      log.debug({ err }, 'another node said what is not known here');
      return undefined;
    }
  }

  /** Looks for answers in turns, as long as there are questions. */
  function look(handler: (message: NodeMessage) => void, waitingFor: () => readonly string[]): () => void {
    let isLooking = false;
    const timer = setInterval(async () => {
      const ids = waitingFor();
      if (ids.length === 0 || isLooking) return;
      isLooking = true;
      try {
        const found = await mailbox?.take(ids, systemCall(log, { limitMs: mailboxMs }));
        for (const left of found?.values() ?? []) {
          const told = read(left);
          if (told) handler(told);
        }
      } catch (err) {
        log.debug({ err }, 'answers that came to other nodes could not be looked for');
      } finally {
        isLooking = false;
      }
    }, lookEveryMs).unref();
    return () => clearInterval(timer);
  }

  return {
    send: (told) => channel?.send(JSON.stringify(told)),
    async deliver(told) {
      const sent = JSON.stringify(told);
      channel?.send(sent);
      const id = told.kind === 'incoming' && 'id' in told.message ? told.message.id : undefined;
      // A client may send anything: what no node can have asked, or nobody expects, is not kept.
      if (typeof id !== 'string' || !isQuestionId(id) || !mailbox) return;
      if (Buffer.byteLength(sent) > maxLeftBytes) {
        log.warn('an answer for another node is too large to be left for it');
        return;
      }
      await mailbox.put(id, sent, systemCall(log, { limitMs: mailboxMs })).catch((err: unknown) => {
        log.warn({ err }, 'an answer for another node could not be left for it');
      });
    },
    onMessage(handler, waitingFor) {
      const stopLooking = mailbox && look(handler, waitingFor);
      const stopListening = channel?.receive((received) => {
        const told = read(received);
        if (told) handler(told);
      });
      return () => {
        stopLooking?.();
        stopListening?.();
      };
    },
  };
}
