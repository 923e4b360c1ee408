import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
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
}

function token({ id, secret }: SigningKey, purpose: string, body: string): string {
  const tag = createHmac('sha256', secret).update(`${purpose}\n${body}`).digest().subarray(0, 16);
  return `${id}.${body}.${tag.toString('base64url')}`;
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
  };
}
