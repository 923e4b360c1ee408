import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Call } from '../call.ts';
import { badInput, type HydrogenError } from '../errors.ts';

export interface SigningKey {
  readonly id: string;
  readonly secret: Buffer;
}

/** Newest first: the first signs, all verify, so rotation overlaps. */
export type Keys = readonly [SigningKey, ...SigningKey[]];

/** How many earlier keys still verify after a rotation. */
export const overlap = 2;

export function newKey(): SigningKey {
  return { id: randomBytes(4).toString('hex'), secret: randomBytes(32) };
}

/** The keys shared by all processes of a server. */
export interface KeyRing {
  /**
   * The current keys: another process may have rotated them. Creates them on first use.
   * @throws HydrogenError `unavailable`
   */
  current(): Promise<Keys>;
  /** Adds a new first key; what the last keys signed stays valid. */
  rotate(): Promise<Keys>;
}

/** What takes keys out of one ring and into another. */
export interface KeyArchive {
  /** The keys that there are, the one that signs first; undefined where there are none yet. */
  read(call: Call): Promise<Keys | undefined>;
  /** Puts these in place of those that there are; all nodes that are running may take a moment to notice. */
  write(keys: Keys, call: Call): Promise<void>;
}

/** Makes opaque tokens that any process with the same keys accepts and no client can forge. */
export interface Signer {
  /** `purpose` keeps a token from being accepted for another use. */
  sign(purpose: string, text: string): string;
  /** @throws HydrogenError `bad_input` for a token that was not signed here, or for another purpose. */
  verify(purpose: string, token: string): string;
  /** As `sign`, and the client cannot read the text. */
  seal(purpose: string, text: string): string;
  /** @throws HydrogenError `bad_input` as `verify`, for what was not sealed here. */
  open(purpose: string, token: string): string;
}

function token({ id, secret }: SigningKey, purpose: string, body: string): string {
  const tag = createHmac('sha256', secret).update(`${purpose}\n${body}`).digest().subarray(0, 16);
  return `${id}.${body}.${tag.toString('base64url')}`;
}

const cipher = 'aes-256-gcm';
/** Bytes, as NIST SP 800-38D has them for GCM; the nonce is random. */
const nonceLength = 12;
const tagLength = 16;

const sealingKey = ({ secret }: SigningKey, purpose: string): Buffer =>
  createHmac('sha256', secret).update(`seal\n${purpose}`).digest();

function sealed(key: SigningKey, purpose: string, text: string): string {
  const nonce = randomBytes(nonceLength);
  const encryption = createCipheriv(cipher, sealingKey(key, purpose), nonce);
  const parts = [nonce, encryption.update(text), encryption.final(), encryption.getAuthTag()];
  return `${key.id}.${Buffer.concat(parts).toString('base64url')}`;
}

/** Undefined for what was not sealed with the key. */
function opened(key: SigningKey, purpose: string, body: string): string | undefined {
  const bytes = Buffer.from(body, 'base64url');
  if (bytes.length < nonceLength + tagLength || bytes.toString('base64url') !== body) return undefined;
  const nonce = bytes.subarray(0, nonceLength);
  const decryption = createDecipheriv(cipher, sealingKey(key, purpose), nonce, { authTagLength: tagLength });
  decryption.setAuthTag(bytes.subarray(-tagLength));
  try {
    const text = decryption.update(bytes.subarray(nonceLength, -tagLength));
    return Buffer.concat([text, decryption.final()]).toString();
  } catch {
    return undefined;
  }
}

/** The whole text is compared: of a token that was taken back, no other spelling is one. */
function isSame(given: string, made: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(made)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What is said of a token that is none here, or another caller's. */
export const notValidHere = (purpose: string): HydrogenError =>
  badInput(
    `This ${purpose} is not valid here. Pass on exactly what the last answer gave, or start again without it.`,
  );

export function createSigner(keys: Keys): Signer {
  return {
    sign(purpose, text) {
      const body = Buffer.from(text).toString('base64url');
      return token(keys[0], purpose, body);
    },
    verify(purpose, given) {
      const [id, body] = given.split('.');
      const key = keys.find((candidate) => candidate.id === id);
      if (!key || !body || !isSame(given, token(key, purpose, body))) {
        throw notValidHere(purpose);
      }
      return Buffer.from(body, 'base64url').toString();
    },
    seal: (purpose, text) => sealed(keys[0], purpose, text),
    open(purpose, given) {
      const [id, body = '', ...more] = given.split('.');
      const key = keys.find((candidate) => candidate.id === id);
      const text = key && more.length === 0 ? opened(key, purpose, body) : undefined;
      if (text === undefined) throw notValidHere(purpose);
      return text;
    },
  };
}
