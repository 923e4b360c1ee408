import { createHash } from 'node:crypto';
import { badInput } from '../errors.ts';
import type { ToolContext } from './define.ts';

interface CursorPayload {
  /** Digest of the arguments the cursor belongs to. */
  readonly of: string;
  readonly after: string;
}

function digest(args: unknown): string {
  return createHash('sha256').update(JSON.stringify(args)).digest('base64url').slice(0, 16);
}

/** Opaque text that continues a call with the same `args` behind `after`, in any process on the same data. */
export async function makeCursor(args: unknown, after: string, { signer }: ToolContext): Promise<string> {
  return (await signer()).sign('cursor', { of: digest(args), after } satisfies CursorPayload);
}

/** @throws HydrogenError `bad_input` for a foreign cursor or other arguments than it was made for. */
export async function readCursor(
  args: unknown,
  cursor: string | undefined,
  { signer }: ToolContext,
): Promise<string | undefined> {
  if (cursor === undefined) return undefined;
  const { of, after } = (await signer()).verify('cursor', cursor) as CursorPayload;
  if (of === digest(args)) return after;
  throw badInput('This cursor belongs to a call with other arguments. Repeat the same arguments with it.');
}
