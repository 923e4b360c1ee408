import {
  type CallToolResult,
  Client,
  ProtocolError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { SampleServer } from './server.ts';

export const eras = ['2025-11-25', '2026-07-28'] as const;
export type Era = (typeof eras)[number];

/** What all connections count together. */
export interface Tally {
  /** Times by what was called, ms. */
  readonly calls: Map<string, number[]>;
  /** The first of the errors, and how many there were. */
  readonly errors: { readonly shown: string[]; count: number };
}

/** A client of the SDK that is connected, and what it has seen. */
export interface Connection {
  /** Its number: what it writes carries it, so that no two write to the same. */
  readonly id: number;
  readonly era: Era;
  readonly client: Client;
  readonly random: () => number;
  /** Runs `work` and counts it under `name`. */
  timed<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Calls a tool that must answer. */
  call(tool: string, args?: Record<string, unknown>): Promise<CallToolResult>;
  /** Calls a tool that must refuse with a message that `says`. */
  refused(tool: string, args: Record<string, unknown>, says: RegExp): Promise<void>;
  /** Sends a request that must fail in the protocol with a message that `says`. */
  fails(name: string, work: () => Promise<unknown>, says: RegExp): Promise<void>;
  /** How many calls it has made since it was asked. */
  takeCount(): number;
  close(): Promise<void>;
}

/** An answer that is not what it must be. */
class WrongAnswer extends Error {}

export function assert(condition: boolean, what: string, answer?: unknown): asserts condition {
  if (condition) return;
  const shown = answer === undefined ? '' : `: ${JSON.stringify(answer).slice(0, 500)}`;
  throw new WrongAnswer(`${what}${shown}`);
}

export function textOf({ content }: Pick<CallToolResult, 'content'>, block = 0): string {
  const found = content[block];
  return found?.type === 'text' ? found.text : '';
}

/** The answer of a tool that gives a small typed fact. */
export function factOf({ structuredContent }: CallToolResult): Readonly<Record<string, unknown>> {
  return (structuredContent ?? {}) as Record<string, unknown>;
}

/** The second block: JSON lines. */
export function rowsOf(answer: Pick<CallToolResult, 'content'>): Record<string, unknown>[] {
  const lines = textOf(answer, 1);
  return lines === '' ? [] : lines.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

export async function openConnection(
  { url, headers }: Pick<SampleServer, 'url' | 'headers'>,
  id: number,
  era: Era,
  random: () => number,
  { calls }: Tally,
): Promise<Connection> {
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const);
  const client = new Client({ name: 'soak', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(transport);
  // Clients of 2025 hold an event stream open by themselves; half of the others do it by asking.
  const listens = era === '2026-07-28' && id % 4 === 1;
  const subscription = listens ? await client.listen({ toolsListChanged: true }) : undefined;
  let count = 0;
  const timed: Connection['timed'] = async (name, work) => {
    const began = performance.now();
    count++;
    try {
      return await work();
    } finally {
      const times = calls.get(name) ?? [];
      times.push(performance.now() - began);
      calls.set(name, times);
    }
  };
  const send = (tool: string, args: Record<string, unknown>): Promise<CallToolResult> =>
    timed(tool, () => client.callTool({ name: tool, arguments: args }, { timeout: 120_000 }));
  return {
    id,
    era,
    client,
    random,
    timed,
    async call(tool, args = {}) {
      const answer = await send(tool, args);
      assert(answer.isError !== true, `${tool} ${JSON.stringify(args).slice(0, 200)} failed`, answer.content);
      return answer;
    },
    async refused(tool, args, says) {
      const answer = await send(tool, args);
      const what = `${tool} ${JSON.stringify(args).slice(0, 200)}`;
      assert(answer.isError === true, `${what} was not refused`, answer.content);
      assert(says.test(textOf(answer)), `${what} was refused without saying ${says}`, textOf(answer));
    },
    async fails(name, work, says) {
      try {
        await timed(name, work);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        assert(error instanceof ProtocolError && says.test(message), `${name} failed otherwise`, message);
        return;
      }
      throw new WrongAnswer(`${name} did not fail`);
    },
    takeCount() {
      const taken = count;
      count = 0;
      return taken;
    },
    async close() {
      await subscription?.close();
      // Half of the clients take their leave, the others are just gone.
      if (id % 4 === 0) await transport.terminateSession().catch(() => {});
      await client.close();
    },
  };
}
