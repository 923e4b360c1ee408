import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import type { Caller } from '../call.ts';

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
