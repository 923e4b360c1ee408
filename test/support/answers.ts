import type { CallToolResult, Client } from '@modelcontextprotocol/client';
import { expect } from 'vitest';

type Answer = Pick<CallToolResult, 'content' | 'isError'>;

function texts({ content }: Answer): string[] {
  return content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
}

/** The first block: what the answer says of itself. */
export function summaryOf(answer: Answer): string {
  return texts(answer)[0] ?? '';
}

/** The second block: JSON lines. */
export function rowsOf(answer: Answer): Record<string, unknown>[] {
  const lines = texts(answer)[1];
  return lines === undefined
    ? []
    : lines.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Calls a tool that must answer, not fail. */
export async function call(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<CallToolResult> {
  const answer = await client.callTool({ name, arguments: args });
  expect(answer.isError, summaryOf(answer)).toBeFalsy();
  return answer;
}

/** Calls a tool that must fail; gives the message. */
export async function failure(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<string> {
  const answer = await client.callTool({ name, arguments: args });
  expect(answer.isError, `${name} did not fail: ${summaryOf(answer)}`).toBe(true);
  return summaryOf(answer);
}

/** Whether a notice says how far the work is, not only that the call goes on. */
export function isOfWork(notice: { readonly message?: string | undefined } | undefined): boolean {
  return notice !== undefined && !notice.message?.startsWith('working (');
}
