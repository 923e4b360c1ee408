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

/** What a person is asked before something happens. */
export interface Question {
  /** What would happen, for the person. */
  readonly message: string;
  /** What a yes would stand for, signed; it comes back with the reply. */
  readonly token: string;
}

/** What came back. The token may be any text: it is the client's. */
export interface Reply {
  readonly answer: 'yes' | 'no' | 'cancel' | 'silence' | 'malformed';
  readonly token: string;
}

/** The way to the person behind a caller. */
export interface Asking {
  /** The reply to the question of an earlier call, when this call brought one. */
  readonly reply?: Reply;
  /**
   * Puts a question and waits for the reply, at most `waitMs`. Where the protocol has replies come with
   * another call, it throws `QuestionPending` (policy/question.ts) instead, which ends this one.
   */
  ask(question: Question, waitMs: number): Promise<Reply>;
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
  /** Absent where nobody can be asked: a workflow run, the command line, a client that cannot. */
  readonly asking?: Asking;
  readonly log: Logger;
}

/** The person or program that started this process and owns its data. */
export const owner: Caller = { id: 'owner', scopes: operations };

/** What a call of the system's own may say of itself. */
interface OwnCall extends Partial<Pick<Call, 'caller' | 'signal' | 'progress'>> {
  /** How long it may take; without it, as long as it needs. */
  readonly limitMs?: number;
}

/**
 * The call of work that no client waits for: in the background, at the end of a call that is over, or of a command.
 * The only way to begin one; a client's calls begin in `protocol/call.ts`.
 */
export function systemCall(
  log: Logger,
  { caller = owner, signal, progress = () => {}, limitMs = Number.POSITIVE_INFINITY }: OwnCall = {},
): Call {
  const deadline = Date.now() + limitMs;
  return { caller, signal: signal ?? new AbortController().signal, deadline, progress, log };
}

/** The same call with another deadline: never a later one. */
export function within(call: Call, milliseconds: number): Call {
  return { ...call, deadline: Math.min(call.deadline, Date.now() + milliseconds) };
}
