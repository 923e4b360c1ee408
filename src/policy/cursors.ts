import { createHash } from 'node:crypto';
import { type Caller, sightOf } from '../call.ts';
import { notValidHere, type Signer } from './signing.ts';

// A cursor is its caller's, as long as that sees the same: to anybody else it is one that was made up. It cannot be read:
// the place in a collection of the embedded store is a number that grows with every document of anybody.

const purpose = 'cursor';
/** Characters of the digest of a caller. */
const digestLength = 11;

const digestOf = (caller: Caller): string =>
  createHash('sha256')
    .update(JSON.stringify(sightOf(caller)))
    .digest('base64url')
    .slice(0, digestLength);

/** Opaque text that holds `text` for this caller, in any process with the same keys. */
export const signCursor = (text: string, caller: Caller, signer: Signer): string =>
  signer.seal(purpose, digestOf(caller) + text);

/** @throws HydrogenError `bad_input` for what was not made here, or for another caller */
export function verifyCursor(cursor: string, caller: Caller, signer: Signer): string {
  const text = signer.open(purpose, cursor);
  if (!text.startsWith(digestOf(caller))) throw notValidHere(purpose);
  return text.slice(digestLength);
}
