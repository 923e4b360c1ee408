import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Era } from './connected.ts';
import { type Ended, type Started, start } from './ending.ts';
import type { Settings } from './process.ts';

/** What every request of an era carries. */
export function paramsOf(era: Era): Record<string, unknown> {
  if (era === '2025-11-25') return {};
  const prefix = 'io.modelcontextprotocol';
  return {
    _meta: {
      [`${prefix}/protocolVersion`]: era,
      [`${prefix}/clientInfo`]: { name: 'raw', version: '1' },
      [`${prefix}/clientCapabilities`]: {},
    },
  };
}

/** A message of the server as it stands in a line. */
interface RawMessage {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly message?: string };
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A server on stdio that is spoken to line by line; no handshake is made by itself. */
export interface RawServer extends Started {
  /** Everything that was read, except notices that the list of resources has changed. */
  readonly messages: readonly RawMessage[];
  /** Sends a request and returns its id. */
  request(method: string, params?: Record<string, unknown>): number;
  call(name: string, args?: Record<string, unknown>): number;
  /** The handshake of 2025, of a client that can ask a person. */
  handshake(): Promise<void>;
  /** The first message that holds, which may still come. */
  received(holds: (message: RawMessage) => boolean): Promise<RawMessage>;
  answerTo(id: number): Promise<RawMessage>;
  /**
   * Writes lines as they are and a ping behind them.
   * @returns what was answered before the ping
   */
  ask(...lines: readonly (string | Uint8Array)[]): Promise<RawMessage[]>;
  /** Writes lines and waits for so many answers, in whatever order they come. */
  answersTo(lines: readonly string[], count: number): Promise<RawMessage[]>;
  /** Ends stdin, with `text` before the end. @returns what was answered until the process had ended */
  rest(text?: string): Promise<RawMessage[]>;
  end(how: 'stdin' | NodeJS.Signals): Promise<Ended>;
}

export interface RawOptions {
  readonly era?: Era;
  /** A command that is run before the server, in its process. */
  readonly shell?: string;
  /** Whether what that mounts is seen by the server alone. */
  readonly mounts?: boolean;
}

/** Longer than anything takes, also on a busy machine, ms. */
const patienceMs = 60_000;

/** Starts a server to which anything can be written; it must be ended. */
export function startServer(
  settings: Settings,
  { era = '2025-11-25', shell, mounts = false }: RawOptions = {},
): RawServer {
  const before =
    shell === undefined
      ? []
      : [...(mounts ? ['unshare', '-m'] : []), 'sh', '-c', `${shell}; exec "$@"`, 'sh'];
  const started = start([], settings, before);
  const { child } = started;
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('no pipes');
  const messages: RawMessage[] = [];
  /** How many of them were asked for and given. */
  let given = 0;
  let [nextId, nextMark] = [1, 1];
  createInterface({ input: stdout }).on('line', (line) => {
    const message = JSON.parse(line) as RawMessage;
    // It tells of a change at any time; that is what `test/transports/notices.test.ts` is about.
    if (message.method !== 'notifications/resources/list_changed') messages.push(message);
  });

  async function until<T>(look: () => T | undefined): Promise<T> {
    for (const late = Date.now() + patienceMs; ; await delay(5)) {
      const found = look();
      if (found !== undefined) return found;
      if (child.exitCode !== null) throw new Error('the server ended before it came');
      if (Date.now() > late) throw new Error('it did not come');
    }
  }
  function take(to: number): RawMessage[] {
    const taken = messages.slice(given, to);
    given = to;
    return taken;
  }
  function send(message: Record<string, unknown>): void {
    stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
  function request(method: string, params: Record<string, unknown> = {}): number {
    const id = nextId++;
    send({ id, method, params });
    return id;
  }
  const received = (holds: (message: RawMessage) => boolean): Promise<RawMessage> =>
    until(() => messages.find(holds));
  const answerTo = (id: number): Promise<RawMessage> =>
    received((message) => message.id === id && message.method === undefined);

  return {
    ...started,
    messages,
    request,
    received,
    answerTo,
    call: (name, args = {}) =>
      request('tools/call', { name, arguments: args, _meta: { progressToken: `${name} ${nextId}` } }),
    async handshake() {
      const clientInfo = { name: 'raw', version: '1' };
      const capabilities = { elicitation: {} };
      await answerTo(request('initialize', { protocolVersion: '2025-11-25', capabilities, clientInfo }));
      send({ method: 'notifications/initialized' });
    },
    async ask(...lines) {
      for (const line of lines) {
        stdin.write(line);
        stdin.write('\n');
      }
      const mark = `mark ${nextMark++}`;
      send({ id: mark, method: 'ping', params: paramsOf(era) });
      const at = await until(() => {
        const found = messages.findIndex(({ id }) => id === mark);
        return found < 0 ? undefined : found;
      });
      return take(at + 1).slice(0, -1);
    },
    async answersTo(lines, count) {
      stdin.write(lines.map((line) => `${line}\n`).join(''));
      await until(() => (messages.length >= given + count ? true : undefined));
      return take(messages.length);
    },
    async rest(text = '') {
      stdin.end(text);
      await once(child, 'close');
      return take(messages.length);
    },
    async end(how) {
      if (how === 'stdin') stdin.end();
      else child.kill(how);
      return started.ended();
    },
  };
}

/** The same for the time of a test, without log lines. */
export function rawServer(settings: Settings, options: RawOptions = {}): RawServer {
  const server = startServer({ logLevel: 'silent', ...settings }, options);
  onTestFinished(() => void server.child.kill('SIGKILL'));
  return server;
}
