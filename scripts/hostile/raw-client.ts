import { Agent, request } from 'node:http';
import type { HostileMessage } from './arguments.ts';

/** What a message was answered, and how long that took. */
export interface Answer {
  /** ms */
  readonly took: number;
  /** The beginning of the answer, or what went wrong. */
  readonly text: string;
  /** All of it, as it came. */
  readonly whole: string;
  /** Whether there was an answer that says something: a result or an error of JSON-RPC. */
  readonly isAnswer: boolean;
}

/** Sends messages as they are, without what a client would check or build. */
export interface RawClient {
  send(message: Built): Promise<Answer>;
  close(): void;
}

const shownCharacters = 400;
const patienceMs = 30_000;
const modern = '2026-07-28';
const modernMeta = `{"io.modelcontextprotocol/protocolVersion":"${modern}","io.modelcontextprotocol/clientInfo":{"name":"hostile","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`;
const initialize =
  '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"hostile","version":"1"}}}';
const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

/** Bytes of the largest message. */
const maxBytes = 4 * 2 ** 20;

/** About what a server takes of values and names in one message; lists and objects of more are refused unread. */
const maxValues = 245_000;

/** How many values and names there are in JSON, about. */
function valuesIn(json: string): number {
  let values = 0;
  for (let i = 0; i < json.length; i++) if (',:[{'.includes(json[i] ?? '')) values++;
  return values;
}

/** Parameters as large as they may be, or with as many values as are taken. */
function paramsOf(
  { params }: HostileMessage,
  bytes: number,
  fits: boolean,
): ReturnType<HostileMessage['params']> {
  for (let size = bytes; ; ) {
    const built = params(size);
    const values = valuesIn(built.params);
    if (!fits || values <= maxValues) return built;
    size = Math.floor((size * maxValues) / values);
  }
}

/** A message that can be sent at once: what it takes to build it is not measured. */
export interface Built {
  readonly method: string;
  /** What is named by a header of the protocol of 2026. */
  readonly name: string | undefined;
  /** JSON of the parameters, without its last brace. */
  readonly params: string;
}

/** @param fits whether it has only as many values as a server takes, or is as large as it may be */
export function build(message: HostileMessage, fits: boolean): Built {
  const { method, params } = paramsOf(message, maxBytes - 300, fits);
  const name = /^\{"(?:name|uri)":"([^"]{1,200})"/.exec(params)?.[1];
  return { method, name, params: params.slice(0, -1) };
}

function bodyOf({ method, params }: Built, id: number, meta?: string): string {
  const separator = params === '{' || meta === undefined ? '' : ',';
  const added = meta === undefined ? '' : `${separator}"_meta":${meta}`;
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}${added}}}`;
}

interface HttpReply {
  readonly status: number;
  readonly session: string | undefined;
  readonly text: string;
}

function post(url: string, body: string, headers: Record<string, string>, agent: Agent): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const all = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'content-length': Buffer.byteLength(body),
      ...headers,
    };
    const sent = request(url, { method: 'POST', agent, headers: all, timeout: patienceMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        if (text.length < 100_000) text += part;
      });
      response.on('end', () => {
        const session = response.headers['mcp-session-id'];
        resolve({ status: response.statusCode ?? 0, session: session?.toString(), text });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${patienceMs / 1_000} s`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

const isAnswer = (text: string): boolean => /"(result|error)":/.test(text);
const shown = (text: string): string =>
  (/"(?:text|message)":"((?:[^"\\]|\\.)*)/.exec(text)?.[1] ?? text).slice(0, shownCharacters);

/** A client over HTTP: of the protocol of 2025, with a session, or of 2026. */
export async function openHttp(
  url: string,
  isModern: boolean,
  own: Readonly<Record<string, string>> = {},
): Promise<RawClient> {
  const agent = new Agent({ keepAlive: true });
  let headers: Record<string, string> = { ...own, 'mcp-protocol-version': modern };
  if (!isModern) {
    const { session = '' } = await post(url, initialize, own, agent);
    headers = { ...own, 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
    await post(url, initialized, headers, agent);
  }
  let id = 1;
  return {
    async send(message) {
      const { method, name } = message;
      const body = bodyOf(message, id++, isModern ? modernMeta : undefined);
      const named = isModern
        ? { 'mcp-method': method.slice(0, 200), ...(name !== undefined && { 'mcp-name': name }) }
        : {};
      const began = performance.now();
      try {
        const { text } = await post(url, body, { ...headers, ...named }, agent);
        return { took: performance.now() - began, text: shown(text), whole: text, isAnswer: isAnswer(text) };
      } catch (error) {
        return {
          took: performance.now() - began,
          text: (error as Error).message,
          whole: '',
          isAnswer: false,
        };
      }
    },
    close: () => agent.destroy(),
  };
}
