import { createHash } from 'node:crypto';
import { badInput } from '../../errors.ts';
import type { ToolContext } from './define.ts';

/** Characters of the digest of a cursor's arguments. */
const digestLength = 11;

function digest(args: unknown): string {
  return createHash('sha256').update(JSON.stringify(args)).digest('base64url').slice(0, digestLength);
}

/** Opaque text that continues a call with the same `args` after `after`, in any process on the same data. */
export async function makeCursor(args: unknown, after: string, { signer }: ToolContext): Promise<string> {
  return (await signer()).sign('cursor', digest(args) + after);
}

/** @throws HydrogenError `bad_input` for a foreign cursor, or one made for other arguments. */
export async function readCursor(
  args: unknown,
  cursor: string | undefined,
  { signer }: ToolContext,
): Promise<string | undefined> {
  if (cursor === undefined) return undefined;
  const text = (await signer()).verify('cursor', cursor);
  if (text.startsWith(digest(args))) return text.slice(digestLength);
  throw badInput('This cursor belongs to a call with other arguments. Repeat the same arguments with it.');
}
