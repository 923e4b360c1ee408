import { inspect } from 'node:util';
import { neverShow } from './redact.ts';

declare const secretBrand: unique symbol;

/**
 * A text that is never shown: in JSON, in a template, to `inspect` and in a copy for another thread it is `(set)` or
 * nothing. `reveal` is the one way to read it, for whoever sends it to where it belongs.
 */
export interface Secret {
  readonly [secretBrand]: true;
  toString(): string;
  toJSON(): string;
}

export const shownForSecret = '(set)';

const shown = (): string => shownForSecret;
const behaviour = Object.freeze({
  toString: shown,
  toJSON: shown,
  [Symbol.toPrimitive]: shown,
  [inspect.custom]: shown,
});

/** Not a member of the object, so that nothing which walks through objects finds it. */
const texts = new WeakMap<Secret, string>();

/** From here on no log line, error or crash shows the text either, whoever comes to hold it. */
export function secretOf(text: string): Secret {
  neverShow(text);
  const secret: Secret = Object.freeze(Object.create(behaviour));
  texts.set(secret, text);
  return secret;
}

/** Whether a value of the settings is one. */
export const isSecret = (value: unknown): value is Secret =>
  typeof value === 'object' && value !== null && texts.has(value as Secret);

export function reveal(secret: Secret): string {
  const text = texts.get(secret);
  // A copy is none: it was made to be shown or sent.
  if (text === undefined) throw new Error('a copy of a secret has no text');
  return text;
}
