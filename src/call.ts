import type { Logger } from 'pino';

/**
 * What a tool may do to the world. It alone drives annotations, which tools appear, scopes,
 * confirmation and audit.
 */
export const operations = ['read', 'ingest', 'run', 'write', 'destroy'] as const;
export type Operation = (typeof operations)[number];

/** On whose behalf something is done. Stored with a workflow run, which acts as its caller. */
export interface Caller {
  readonly id: string;
  /** The operations this caller may use. */
  readonly scopes: readonly Operation[];
}

/** How far some work has come; `total` is absent when it is not known. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
  readonly message?: string;
}

/**
 * The one context of a call, from MCP, the command line or a workflow step. Every store and service
 * method takes it; work whose signal is aborted or whose deadline has passed stops.
 */
export interface Call {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; `Infinity` when there is none. */
  readonly deadline: number;
  readonly progress: (progress: Progress) => void;
  readonly log: Logger;
}

/** The person or program that started this process and owns its data. */
export const owner: Caller = { id: 'owner', scopes: operations };

/** The same call with another deadline: never a later one. */
export function within(call: Call, milliseconds: number): Call {
  return { ...call, deadline: Math.min(call.deadline, Date.now() + milliseconds) };
}
