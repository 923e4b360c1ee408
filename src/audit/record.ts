import type { Operation, Origin, TouchedData } from '../call.ts';
import type { DispatchRequest } from '../dispatch.ts';
import type { ErrorCode } from '../errors.ts';

/**
 * What is recorded: a call that may change something when it begins and when it ends, or ends with a question (`asked`);
 * a read when it is answered; what was refused; and settings that were read again while the server runs.
 */
type AuditEvent = 'begun' | 'ended' | 'asked' | 'read' | 'refused' | 'settings';

/** Who has answered the question whether a change is to be made: a person, as the client says, or the caller by a token. */
export interface Confirmation {
  readonly by: 'person' | 'token';
  readonly answer: string;
}

/** The arguments of a call. */
export interface AuditedArguments {
  /** HMAC-SHA256 of their canonical JSON with the record's key, base64url: tells same from different, to whoever has it. */
  readonly digest: string;
  /**
   * HMAC-SHA256 with the same key of the text that lies beside the record, where the settings ask for one: their canonical
   * JSON without secrets, cut where it is long. It may have been erased since.
   */
  readonly textDigest?: string;
  /** The text itself, in records of versions that kept it inside. */
  readonly text?: string;
}

/** A record without its place in the chain. */
export interface AuditFacts extends Partial<Origin> {
  readonly event: AuditEvent;
  /** Random; what belongs to one call has the same. */
  readonly call?: string;
  /** Absent where nobody is known to have called. */
  readonly caller?: { readonly id: string; readonly name?: string; readonly roles?: readonly string[] };
  readonly kind?: DispatchRequest['kind'];
  readonly action?: DispatchRequest['action'];
  /** Of the tool, resource, prompt or command. */
  readonly name?: string;
  readonly operation?: Operation;
  readonly arguments?: AuditedArguments;
  /** `ok`, or the code of the error. Absent for what has not ended. */
  readonly outcome?: 'ok' | ErrorCode;
  readonly ms?: number;
  /** What was touched, each with its rows; the largest number of things that is listed is 100. */
  readonly touched?: readonly TouchedData[];
  /** Of all that was touched. */
  readonly rows?: number;
  readonly confirmation?: Confirmation;
  /** By name: what of the settings holds since, and what will from the next start on. */
  readonly settings?: { readonly now: readonly string[]; readonly later: readonly string[] };
  /** Of what was refused before it was a call, and of settings that cannot be used. */
  readonly reason?: string;
  /** How many others were refused alike shortly before, which have no record of their own. */
  readonly others?: number;
}

/** A record as it is coded: its canonical JSON is kept. */
export interface AuditRecord extends AuditFacts {
  /** From 1 on, without gaps. */
  readonly seq: number;
  /** When it happened, ISO 8601 in UTC, by the clock of the process. */
  readonly time: string;
  /** The id of the key that it is coded with. */
  readonly key: string;
}

/** What of a record can be read: nothing of one that is damaged, which `hydrogen audit verify` names. */
export function recordIn(text: string): Partial<AuditRecord> {
  try {
    return JSON.parse(text) as Partial<AuditRecord>;
  } catch {
    return {};
  }
}
