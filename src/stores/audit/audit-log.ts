import type { Call } from '../../call.ts';

/** A place in the chain of audit records. */
export interface AuditPlace {
  /** The number of the record, from 1 on, without gaps. */
  readonly seq: number;
  /** The code of the record: HMAC-SHA256 in base64url. */
  readonly code: string;
}

/** A record as it is kept. */
export interface AuditEntry extends AuditPlace {
  /** JSON, as it was coded. */
  readonly text: string;
  /** The text of its arguments, of which the record has a digest: it lies beside the record, so that it can be erased. */
  readonly argumentsText?: string;
}

/** Where the chain begins after older records were taken out, signed so that nobody else can have it begin there. */
export interface AuditAnchor extends AuditPlace {
  /** The id of the key that has signed it. */
  readonly key: string;
  readonly signature: string;
}

/** When a record was made, ms since the epoch; 0 for what is none any more. */
export function madeAt(text: string): number {
  try {
    const { time } = JSON.parse(text) as { readonly time?: unknown };
    return Date.parse(String(time)) || 0;
  } catch {
    return 0;
  }
}

/** How far the chain is. */
export interface AuditEnd {
  readonly entry?: AuditEntry;
  /** Present where older records were taken out. */
  readonly anchor?: AuditAnchor;
}

/**
 * The audit records of all processes on the data, in one order. It keeps what it is given: what codes the records, and
 * the key for that, is `src/audit`, so that the store is no place from which the chain could be made anew.
 */
export interface AuditLog {
  end(call: Call): Promise<AuditEnd>;
  /**
   * Appends records, all or none, durably, where the chain still ends at `after`.
   * @param after undefined for the first of all
   * @returns false where another process was faster
   */
  append(after: AuditPlace | undefined, entries: readonly AuditEntry[], call: Call): Promise<boolean>;
  /** So many records from that number on, in order. */
  read(from: number, limit: number, call: Call): Promise<readonly AuditEntry[]>;
  /** So many records before that number, the last one first. */
  readBack(before: number, limit: number, call: Call): Promise<readonly AuditEntry[]>;
  /**
   * Removes the records up to that of the anchor, and keeps the anchor: both, or, for whoever looks, neither. An anchor
   * never goes back.
   */
  removeThrough(anchor: AuditAnchor, call: Call): Promise<void>;
  /** The numbers of some records before a moment, ms since the epoch, beside which texts still lie; none where there are none. */
  oldTexts(before: number, limit: number, call: Call): Promise<readonly number[]>;
  /** The numbers, so many at most, beside which a text lies where there is no record: nothing here leaves one so. */
  looseTexts(limit: number, call: Call): Promise<readonly number[]>;
  /**
   * Erases the texts beside these records, which stay as they are.
   * @returns how many there were
   */
  eraseTexts(numbers: readonly number[], call: Call): Promise<number>;
}
