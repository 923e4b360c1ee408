import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { AuditKey } from '../config/audit-keys.ts';
import { HydrogenError } from '../errors.ts';
import type { AuditAnchor, AuditEntry, AuditPlace } from '../stores/audit/audit-log.ts';
import { canonicalJson } from './canonical.ts';
import type { AuditFacts, AuditRecord } from './record.ts';

// Each record has a code: HMAC-SHA256(key, code of the record before it || its canonical JSON). The code before the first
// record is 32 zero bytes. So no record can be altered, left out or moved without the key, but for the last ones.

const codeBytes = 32;

/** What stands before the first of all records. */
export const beginning: AuditPlace = { seq: 0, code: Buffer.alloc(codeBytes).toString('base64url') };

/** A key that codes. */
export interface CodingKey extends AuditKey {
  readonly secret: KeyObject;
}

/** The key in use. @throws HydrogenError `unavailable` where there is none */
export function codingKey([first]: readonly AuditKey[]): CodingKey {
  if (first?.secret) return { id: first.id, secret: first.secret };
  throw new HydrogenError(
    'unavailable',
    'There is no key of the audit record: `hydrogen audit key` prints a new one, for auditKey (HYDROGEN_AUDIT_KEY_FILE).',
  );
}

const hmac = (secret: KeyObject, ...parts: readonly (string | Buffer)[]): string => {
  const code = createHmac('sha256', secret);
  for (const part of parts) code.update(part);
  return code.digest('base64url');
};

/** The code of a record, behind that code. */
export const codeOf = (secret: KeyObject, before: string, text: string): string =>
  hmac(secret, Buffer.from(before, 'base64url'), text);

/** Facts with the moment at which they were told, ms since the epoch. */
export interface TimedFacts {
  readonly facts: AuditFacts;
  readonly at: number;
  /** What lies beside the record. */
  readonly argumentsText?: string;
}

/** The facts as records that go on from a place. */
export function chained(
  after: AuditPlace | undefined,
  all: readonly TimedFacts[],
  { id, secret }: CodingKey,
): AuditEntry[] {
  let { seq, code } = after ?? beginning;
  return all.map(({ facts, at, argumentsText }) => {
    seq++;
    const record: AuditRecord = { ...facts, seq, time: new Date(at).toISOString(), key: id };
    const text = canonicalJson(record);
    code = codeOf(secret, code, text);
    return { seq, code, text, ...(argumentsText !== undefined && { argumentsText }) };
  });
}

/**
 * What is signed has a purpose: neither a head nor the beginning of an export is a place at which the chain itself may
 * begin. A record is no such text.
 */
type Purpose = 'head' | 'anchor' | 'export';

const signed = (purpose: Purpose, { seq, code }: AuditPlace): string =>
  `hydrogen audit ${purpose}\n${seq}:${code}`;

/** @param given as it is kept: whoever altered it may have made anything of it */
function isSame(made: string, given: unknown): boolean {
  const [a, b] = [Buffer.from(made), Buffer.from(String(given))];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether one of the keys has signed it. */
function isSigned(
  purpose: Purpose,
  place: AuditPlace,
  signature: string,
  keys: readonly AuditKey[],
): boolean {
  return keys.some(({ secret }) => secret && isSame(hmac(secret, signed(purpose, place)), signature));
}

/** What an anchor is for: the chain itself begins behind it, or an export of its later records does. */
export type AnchorPurpose = Exclude<Purpose, 'head'>;

export function anchorAt(
  { seq, code }: AuditPlace,
  { id, secret }: CodingKey,
  purpose: AnchorPurpose,
): AuditAnchor {
  return { seq, code, key: id, signature: hmac(secret, signed(purpose, { seq, code })) };
}

/** Whether one of the keys has signed it, for one of these purposes. */
export const isAnchor = (
  { signature, ...place }: AuditAnchor,
  purposes: readonly AnchorPurpose[],
  keys: readonly AuditKey[],
): boolean => purposes.some((purpose) => isSigned(purpose, place, signature, keys));

/** How far the record is, as a text that the log keeps: `SEQ:CODE:SIGNATURE`. */
export const headText = (place: AuditPlace, { secret }: CodingKey): string =>
  `${place.seq}:${place.code}:${hmac(secret, signed('head', place))}`;

const headPattern = /^(\d{1,15}):([\w-]{43})(?::([\w-]{43}))?$/;

/**
 * The place that a head names: `SEQ:CODE`, or as the log has it.
 * @throws HydrogenError `bad_input` for another text, or a signature that none of the keys has made
 */
export function placeIn(head: string, keys: readonly AuditKey[]): AuditPlace {
  const [, seq, code, signature] = headPattern.exec(head) ?? [];
  if (seq === undefined || code === undefined) {
    throw new HydrogenError(
      'bad_input',
      'A head is SEQ:CODE or SEQ:CODE:SIGNATURE, as the lines "audit head" of the log have it.',
    );
  }
  const place = { seq: Number(seq), code };
  if (signature === undefined || isSigned('head', place, signature, keys)) return place;
  throw new HydrogenError('bad_input', 'This head was signed with none of the keys of auditKey.');
}

/** A digest that only the key can make: of few possible arguments, nobody else finds out which they were. */
export const digestWith = ({ secret }: CodingKey, text: string): string =>
  hmac(secret, 'hydrogen audit arguments\n', text);

const textDigest = (secret: KeyObject, text: string): string =>
  hmac(secret, 'hydrogen audit arguments text\n', text);

/** The digest of a text that lies beside a record. */
export const textDigestWith = ({ secret }: CodingKey, text: string): string => textDigest(secret, text);

/** Whether a record has the digest of a text. @param digest as the record has it: undefined where it has none */
export const isTextOf = (secret: KeyObject, digest: string | undefined, text: string): boolean =>
  digest !== undefined && isSame(textDigest(secret, text), digest);
