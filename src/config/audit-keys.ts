import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** A key of the audit record. One that was lost is known by its id alone: what it has coded cannot be verified any more. */
export interface AuditKey {
  /** A digest of the key, so that a record says by which key it is coded. */
  readonly id: string;
  readonly secret?: KeyObject;
}

/** Bytes of a key; no fewer are taken. */
const keyBytes = 32;
const idLength = 12;

const idPattern = new RegExp(`^[0-9a-f]{${idLength}}$`);
/** Base64, also that of URLs: what `hydrogen audit key` and `openssl rand -base64 32` print. */
const secretPattern = /^[\w+/-]{43,}={0,2}$/;

/** 256 random bits, in base64url. */
export const newAuditKey = (): string => randomBytes(keyBytes).toString('base64url');

const items = (text: string): string[] => text.split(/[\s,]+/).filter((item) => item !== '');

const bytesOf = (item: string): Buffer => Buffer.from(item, 'base64url');

/** Whether a text is keys, of which the first one is more than an id. */
export function areAuditKeys(text: string): boolean {
  const all = items(text);
  const isKey = (item: string): boolean => secretPattern.test(item) && bytesOf(item).length >= keyBytes;
  return all[0] !== undefined && isKey(all[0]) && all.every((item) => idPattern.test(item) || isKey(item));
}

function keyOf(item: string): AuditKey {
  if (idPattern.test(item)) return { id: item };
  const secret = bytesOf(item);
  const id = createHash('sha256').update('hydrogen audit key\n').update(secret).digest('hex');
  return { id: id.slice(0, idLength), secret: createSecretKey(secret) };
}

/** The keys in a text that `areAuditKeys`: the one in use first, then those before it, newest first. */
export const auditKeysIn = (text: string | undefined): readonly AuditKey[] => items(text ?? '').map(keyOf);
