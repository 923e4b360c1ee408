import { createHash } from 'node:crypto';
import { badInput } from '../../errors.ts';
import { signCursor, verifyCursor } from '../../policy/cursors.ts';
import type { ToolContext } from './define.ts';

/** Characters of the digest of a cursor's arguments. */
const digestLength = 11;

function digest(args: unknown): string {
  return createHash('sha256').update(JSON.stringify(args)).digest('base64url').slice(0, digestLength);
}

/** Opaque text that continues a call with the same `args` after `after`, in any process on the same data. */
export async function makeCursor(
  args: unknown,
  after: string,
  { signer, call }: ToolContext,
): Promise<string> {
  return signCursor(digest(args) + after, call.caller, await signer());
}

/** @throws HydrogenError `bad_input` for a foreign cursor, or one made for other arguments. */
export async function readCursor(
  args: unknown,
  cursor: string | undefined,
  { signer, call }: ToolContext,
): Promise<string | undefined> {
  if (cursor === undefined) return undefined;
  const text = verifyCursor(cursor, call.caller, await signer());
  if (text.startsWith(digest(args))) return text.slice(digestLength);
  throw badInput('This cursor belongs to a call with other arguments. Repeat the same arguments with it.');
}
