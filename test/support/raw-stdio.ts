import { type Ended, type Started, start } from './ending.ts';
import type { Settings } from './process.ts';

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { text: string }[] };
  readonly error?: { readonly code: number; readonly message: string };
}

/** A server on stdio that is spoken to line by line. */
export interface RawStdio extends Started {
  send(message: Record<string, unknown>): void;
  /** Sends a request and returns its id. */
  request(method: string, params?: Record<string, unknown>): number;
  call(name: string, args?: Record<string, unknown>): number;
  /** The first message that holds, which may still come. */
  received(holds: (message: Message) => boolean): Promise<Message>;
  answerTo(id: number): Promise<Message>;
  handshake(): Promise<void>;
  /** Everything that was read, at the end. */
  readonly messages: readonly Message[];
  end(how: 'stdin' | NodeJS.Signals): Promise<Ended>;
}

/** Longer than anything takes, also on a busy machine, ms. */
const patienceMs = 60_000;

export function startStdio(settings: Settings): RawStdio {
  const started = start([], settings);
  const { child } = started;
  const messages: Message[] = [];
  let rest = '';
  let nextId = 1;
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('no pipes');
  stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    messages.push(...lines.map((line) => JSON.parse(line) as Message));
  });
  const send = (message: Record<string, unknown>): void => {
    stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };
  const request = (method: string, params: Record<string, unknown> = {}): number => {
    const id = nextId++;
    send({ id, method, params });
    return id;
  };
  const received = async (holds: (message: Message) => boolean): Promise<Message> => {
    for (const late = Date.now() + patienceMs; ; ) {
      const found = messages.find(holds);
      if (found) return found;
      if (child.exitCode !== null) throw new Error('the server ended before it came');
      if (Date.now() > late) throw new Error('it did not come');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const answerTo = (id: number): Promise<Message> =>
    received((message) => message.id === id && message.method === undefined);
  return {
    ...started,
    messages,
    send,
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
    async end(how) {
      if (how === 'stdin') stdin.end();
      else child.kill(how);
      return started.ended();
    },
  };
}
