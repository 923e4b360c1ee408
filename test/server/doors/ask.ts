import type { Client } from '@modelcontextprotocol/client';
import type { Era } from '../../support/connected.ts';

/** A request of a client, as data. */
export type Ask =
  | { readonly kind: 'tool'; readonly name: string; readonly args: Record<string, unknown> }
  | { readonly kind: 'read' | 'follow'; readonly uri: string }
  | { readonly kind: 'complete template'; readonly uri: string; readonly variable: string }
  | { readonly kind: 'complete prompt'; readonly name: string; readonly argument: string }
  | { readonly kind: 'prompt'; readonly name: string; readonly args: Record<string, string> }
  | { readonly kind: 'list'; readonly cursor?: string };

export interface Answered {
  readonly isError: boolean;
  readonly text: string;
}

const nothing = 'hydrogen://nothing/at-all';

/** The same request at a door that no server has, and by which name it differs; what is followed is a door by itself. */
export function unknownOf(
  ask: Ask,
): { readonly ask: Ask; readonly names: readonly [string, string] } | undefined {
  switch (ask.kind) {
    case 'tool':
    case 'prompt':
    case 'complete prompt':
      return { ask: { ...ask, name: 'no_such_door' }, names: [ask.name, 'no_such_door'] };
    case 'read':
    case 'complete template':
      return { ask: { ...ask, uri: nothing }, names: [ask.uri, nothing] };
    default:
      return undefined;
  }
}

/** Whether a client is told of a resource's changes, in the way of its era. */
async function follow(client: Client, era: Era, uri: string): Promise<Answered> {
  if (era === '2025-11-25') {
    await client.subscribeResource({ uri });
    await client.unsubscribeResource({ uri });
    return { isError: false, text: 'followed' };
  }
  const stream = await client.listen({ resourceSubscriptions: [uri] });
  await stream.close();
  const isFollowed = stream.honoredFilter.resourceSubscriptions?.includes(uri) ?? false;
  return { isError: !isFollowed, text: isFollowed ? 'followed' : 'not followed' };
}

async function performed(client: Client, era: Era, ask: Ask): Promise<Answered> {
  const answered = (answer: object): Answered => ({ isError: false, text: JSON.stringify(answer) });
  switch (ask.kind) {
    case 'tool': {
      const {
        isError = false,
        content,
        structuredContent,
      } = await client.callTool({
        name: ask.name,
        arguments: ask.args,
      });
      return { isError, text: JSON.stringify({ content, structuredContent }) };
    }
    case 'read':
      return answered(await client.readResource({ uri: ask.uri }));
    case 'follow':
      return follow(client, era, ask.uri);
    case 'complete template':
      return answered(
        await client.complete({
          ref: { type: 'ref/resource', uri: ask.uri },
          argument: { name: ask.variable, value: '' },
          context: { arguments: { database: 'main' } },
        }),
      );
    case 'complete prompt':
      return answered(
        await client.complete({
          ref: { type: 'ref/prompt', name: ask.name },
          argument: { name: ask.argument, value: '' },
        }),
      );
    case 'prompt':
      return answered(await client.getPrompt({ name: ask.name, arguments: ask.args }));
    case 'list': {
      const { resources } = await client.listResources(
        ask.cursor === undefined ? {} : { cursor: ask.cursor },
      );
      return answered({ resources });
    }
  }
}

export async function answerTo(client: Client, era: Era, ask: Ask): Promise<Answered> {
  try {
    return await performed(client, era, ask);
  } catch (error) {
    const { message, code, data } = error as { message: string; code?: unknown; data?: unknown };
    return { isError: true, text: JSON.stringify({ code, message, data }) };
  }
}
