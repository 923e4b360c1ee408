import { createHmac, timingSafeEqual } from 'node:crypto';
import { badInput } from '../errors.ts';

export interface SigningKey {
  readonly id: string;
  readonly secret: Buffer;
}

/** Newest first: the first signs, all verify, so rotation overlaps. */
export type Keys = readonly [SigningKey, ...SigningKey[]];

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

/** Makes opaque tokens that any process with the same keys accepts and no client can forge. */
export interface Signer {
  /** `purpose` keeps a token from being accepted for another use. */
  sign(purpose: string, text: string): string;
  /** @throws HydrogenError `bad_input` for a token that was not signed here, or for another purpose. */
  verify(purpose: string, token: string): string;
}

function tag(key: SigningKey, purpose: string, body: string): Buffer {
  return createHmac('sha256', key.secret).update(`${purpose}\n${body}`).digest().subarray(0, 16);
}

export function createSigner(keys: Keys): Signer {
  return {
    sign(purpose, text) {
      const body = Buffer.from(text).toString('base64url');
      return `${keys[0].id}.${body}.${tag(keys[0], purpose, body).toString('base64url')}`;
    },
    verify(purpose, token) {
      const [id, body, signature] = token.split('.');
      const key = keys.find((candidate) => candidate.id === id);
      const signatureBytes = Buffer.from(signature ?? '', 'base64url');
      const expected = key && body !== undefined ? tag(key, purpose, body) : undefined;
      if (
        !expected ||
        !body ||
        signatureBytes.length !== expected.length ||
        !timingSafeEqual(signatureBytes, expected)
      ) {
        throw badInput(
          `This ${purpose} is not valid here. Pass on exactly what the last answer gave, or start again without it.`,
        );
      }
      return Buffer.from(body, 'base64url').toString();
    },
  };
}
