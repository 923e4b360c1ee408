import { type CallToolResult, Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type Era, eras, factOf, textOf } from '../soak/connection.ts';

/** What came of a call. A tool that reports an error has failed; so has a call without an answer. */
type Outcome =
  | {
      readonly ok: true;
      readonly fact: Readonly<Record<string, unknown>>;
      /** The text of the second block. */
      readonly text: string;
    }
  | { readonly ok: false; readonly message: string };

/** The text of an answer with rows. */
export function rowsIn(text: string): Record<string, unknown>[] {
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What is not as it must be, whatever the servers did. */
export interface Findings {
  /** Each kind once, with how often it was seen. */
  readonly wrong: Map<string, number>;
  /** The errors that clients were given while a server was disturbed. */
  readonly errors: Map<string, number>;
  /** Calls that were answered, and how many of them with an error. */
  answered: number;
  failed: number;
  /** The longest call, ms. */
  longestMs: number;
}

export function createFindings(): Findings {
  return { wrong: new Map(), errors: new Map(), answered: 0, failed: 0, longestMs: 0 };
}

export function count(map: Map<string, number>, what: string): void {
  map.set(what, (map.get(what) ?? 0) + 1);
}

export interface Caller {
  /** @param fails whether an error is as good an answer as any */
  call(tool: string, args: Record<string, unknown>, fails?: 'may fail'): Promise<Outcome>;
  close(): Promise<void>;
}

interface CallerOptions {
  readonly url: string;
  readonly number: number;
  /** No call may take longer, ms. */
  readonly limitMs: number;
  /** Whether errors may be expected now. */
  readonly isDisturbed: () => boolean;
  readonly findings: Findings;
}

/** A message without what differs between two that say the same. */
const kindOf = (message: string): string => message.replace(/\d+(\.\d+)?/g, 'N').slice(0, 300);

/** A person who confirms every change. */
export async function openCaller({
  url,
  number,
  limitMs,
  isDisturbed,
  findings,
}: CallerOptions): Promise<Caller> {
  const era: Era = eras[number % eras.length] ?? '2026-07-28';
  const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const);
  const client = new Client(
    { name: 'chaos', version: '1.0.0' },
    { versionNegotiation: { mode }, capabilities: { elicitation: {} } },
  );
  client.setRequestHandler('elicitation/create', async () => ({
    action: 'accept',
    content: { confirm: true },
  }));
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));

  async function answerOf(tool: string, args: Record<string, unknown>): Promise<Outcome> {
    try {
      const answer = (await client.callTool(
        { name: tool, arguments: args },
        { timeout: 10 * limitMs },
      )) as CallToolResult;
      if (answer.isError) return { ok: false, message: textOf(answer) };
      return { ok: true, fact: factOf(answer), text: textOf(answer, 1) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // An error in the protocol is an answer.
      if (!message.includes('"jsonrpc"'))
        count(findings.wrong, `${tool} (${era}) got no answer: ${kindOf(message)}`);
      return { ok: false, message };
    }
  }

  return {
    async call(tool, args, fails) {
      const wasDisturbed = isDisturbed();
      const began = performance.now();
      const outcome = await answerOf(tool, args);
      const ms = performance.now() - began;
      findings.answered++;
      findings.longestMs = Math.max(findings.longestMs, ms);
      if (ms > limitMs) count(findings.wrong, `${tool} took longer than its limit of ${limitMs} ms`);
      if (!outcome.ok && fails === undefined) {
        findings.failed++;
        const kind = `${tool}: ${kindOf(outcome.message)}`;
        count(wasDisturbed || isDisturbed() ? findings.errors : findings.wrong, kind);
      }
      return outcome;
    },
    close: () => client.close(),
  };
}
