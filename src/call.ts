import type { Logger } from 'pino';

/**
 * What a tool may do. This alone decides annotations, which tools are listed, scopes, confirmation
 * and audit.
 */
export const operations = ['read', 'ingest', 'run', 'write', 'destroy'] as const;
export type Operation = (typeof operations)[number];

/**
 * On whose behalf something is done. Plain data, stored with a workflow run, which acts as its caller; what its roles
 * allow is looked up in the settings at each call.
 */
export interface Caller {
  /** Tells it from all others, for as long as data is kept under it. */
  readonly id: string;
  /** What a person would call it; `id` by default. */
  readonly name?: string;
  /** The operations this caller may use. */
  readonly scopes: readonly Operation[];
  /** Roles of the settings, which narrow what it may use and see. Absent: no rule narrows it. */
  readonly roles?: readonly string[];
  /** What is known of it, as JSON: the values that rules for rows may name. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** What a call has touched, for the record of it. */
export interface TouchedData {
  /** A collection (`connection/database/collection`) or a source of the library (`source:name`). */
  readonly what: string;
  /** Documents, passages or values that were returned or changed. */
  readonly rows: number;
}

/** A file that was exported for the caller. */
export interface ExportedFile {
  /** Its name in the store of exports. */
  readonly id: string;
  /** What a person would call it. */
  readonly name: string;
}

/** How far along some work is; `total` is absent when unknown. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
  /** What is counted, where it is a share of the work and no things. */
  readonly unit?: '%';
  readonly message?: string;
}

/** What a person is asked before something happens. */
export interface Question {
  /** What would happen, in words for the person. */
  readonly message: string;
  /** What a yes would approve, signed; it comes back with the reply. */
  readonly token: string;
}

/** The reply. The token may be any text, as it comes from the client. */
export interface Reply {
  readonly answer: 'yes' | 'no' | 'cancel' | 'silence' | 'malformed';
  readonly token: string;
}

/** The way to the person behind a caller, or back to the caller. */
export interface Asking {
  /** Nobody but the caller answers: a call is confirmed by a second one with the question's token (`confirmBy`). */
  readonly byToken?: true;
  /** The reply to an earlier call's question, if this call carries one. */
  readonly reply?: Reply;
  /**
   * Asks a question and waits for the reply, at most `waitMs`. Where the protocol delivers replies with
   * another call, it throws `QuestionPending` (policy/question-pending.ts) instead, which ends this one.
   */
  ask(question: Question, waitMs: number): Promise<Reply>;
}

/** From where a call comes, as far as it is known: what a client says of itself may be anything. */
export interface Origin {
  /** How it came: from a client, a command, or a step of a run. */
  readonly transport: 'stdio' | 'http' | 'command' | 'run';
  /** Name and version of the client, as it says. */
  readonly client?: string;
  /** A digest of the id of its session, which is no key to it. */
  readonly session?: string;
  /** The address that an HTTP request came from. */
  readonly address?: string;
  /** The id that its client has given to the request. */
  readonly request?: string;
  /** Trace id of W3C Trace Context, 32 hexadecimal digits. */
  readonly trace?: string;
}

/**
 * The context of a call from MCP, the command line or a workflow step. Every store and service method
 * takes it; work stops when the signal is aborted or the deadline has passed.
 */
export interface Call {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; `Infinity` if there is no deadline. */
  readonly deadline: number;
  readonly progress: (progress: Progress) => void;
  /** Absent when nobody can be asked: in a workflow run, on the command line, or when the client cannot ask. */
  readonly asking?: Asking;
  /** Where a person opens an exported file: a link or a path. Absent where there is nobody to open it. */
  readonly addressOf?: (file: ExportedFile) => Promise<string>;
  /** Hears what the call touches; absent where nobody keeps a record. */
  readonly touched?: (touched: TouchedData) => void;
  /** Absent for the system's own work. */
  readonly origin?: Origin;
  readonly log: Logger;
}

/** The person or program that started this process and owns its data. */
export const owner: Caller = { id: 'owner', scopes: operations };

const localId = 'local';

/** Who speaks to this process without having to say who it is, on this machine. */
export function localCaller(role: string | undefined): Caller {
  return role === undefined ? owner : { id: localId, scopes: operations, roles: [role] };
}

/**
 * All that decides what a caller sees, in an order of its own: to one whose rights have changed, what it was given before is
 * another's.
 */
export function sightOf({ id, roles, claims = {} }: Caller): readonly unknown[] {
  return [id, roles && [...roles].sort(), Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1))];
}

/** Whether a caller is somebody at this machine, with a role or without. */
export const isLocal = ({ id }: Caller): boolean => id === owner.id || id === localId;

/** Characters of a name in the log: issuers of tokens may give any. */
const maxNameLength = 200;

/** Who it was, for log lines: a name is easier to know again than an id, and may be that of several. */
export function callerInLog({ id, name }: Caller): { readonly caller: string; readonly callerName?: string } {
  return {
    caller: id,
    ...(name !== undefined && name !== id && { callerName: name.slice(0, maxNameLength) }),
  };
}

/** Options of a system call. */
interface OwnCall extends Partial<Pick<Call, 'caller' | 'signal' | 'progress' | 'origin'>> {
  /** Time limit, ms; without one the call may take as long as it needs. */
  readonly limitMs?: number;
}

/**
 * A call for work that no client is waiting for: background work, cleanup after a call has ended, or a command. The
 * only way to create such a call; clients' calls are created in `protocol/call.ts`.
 */
export function systemCall(
  log: Logger,
  { caller = owner, signal, progress = () => {}, limitMs = Number.POSITIVE_INFINITY, origin }: OwnCall = {},
): Call {
  const deadline = Date.now() + limitMs;
  const call = { caller, signal: signal ?? new AbortController().signal, deadline, progress, log };
  return origin ? { ...call, origin } : call;
}

/** The same call for what is read beside its work, such as a sample for a hint: nobody is given that. */
export function unrecorded({ touched: _unheard, ...call }: Call): Call {
  return call;
}

/** The same call with an earlier deadline; never a later one. */
export function within(call: Call, milliseconds: number): Call {
  return { ...call, deadline: Math.min(call.deadline, Date.now() + milliseconds) };
}
