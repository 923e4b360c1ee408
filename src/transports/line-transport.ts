import type { Readable, Writable } from 'node:stream';
import { INVALID_REQUEST, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/server';
import type { LineGate } from './line-gate.ts';
import { cancelledId, errorResponse, type Refusal, readJson, readMessage } from './messages.ts';

const lineBreak = 0x0a;

/** JSON-RPC requires a null id for some errors. The SDK's types exclude it, and its client ignores such a line. */
type Sent = JSONRPCMessage | ReturnType<typeof errorResponse>;

/**
 * MCP messages as lines. Unlike the SDK's transport, which drops lines it cannot read, this one answers every line that
 * is not a notification or a response.
 * @param lines one line per chunk, as from `createLineGuard`
 * @param gate admits lines
 */
export function createLineTransport(
  lines: Readable,
  output: Writable,
  gate: LineGate,
): Transport & { refuse(refusal: Refusal): void } {
  let closed = false;

  function write(message: Sent): Promise<void> {
    if (!('method' in message)) gate.answered(message.id);
    if (closed) return Promise.reject(new Error('The transport is closed.'));
    return new Promise((resolve, reject) => {
      output.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  function refuse(refusal: Refusal): void {
    transport.onerror?.(new Error(refusal.message));
    if (!refusal.quiet) write(errorResponse(refusal)).catch((error: Error) => transport.onerror?.(error));
  }

  function readLine(line: Buffer): ReturnType<typeof readMessage> | undefined {
    const json = readJson(line.subarray(0, line.at(-1) === lineBreak ? -1 : undefined));
    if ('refusal' in json) return json;
    // Empty lines are ignored.
    if (json.value === undefined) return undefined;
    if (!Array.isArray(json.value)) return readMessage(json.value);
    const message = 'A line holds one message, not a batch: send each on its own line. Nothing was done.';
    return { refusal: { code: INVALID_REQUEST, message, id: null } };
  }

  function receive(line: Buffer): void {
    if (closed) return;
    const read = readLine(line);
    if (read === undefined) return;
    if ('message' in read) {
      gate.cancelled(cancelledId(read.message));
      transport.onmessage?.(read.message);
    } else refuse(read.refusal);
  }

  const admit = (line: Buffer): void => gate.admit(line, receive);

  function fail(error: Error): void {
    if (closed) return;
    transport.onerror?.(error);
    void transport.close();
  }
  const ended = (): void => void transport.close();

  const transport: Transport & { refuse(refusal: Refusal): void } = {
    refuse,
    send: write,
    async start() {
      lines.on('data', admit);
      lines.on('end', ended);
      // Not removed on close: a late write error must not end the process.
      output.on('error', fail);
    },
    async close() {
      if (closed) return;
      closed = true;
      lines.off('data', admit);
      lines.off('end', ended);
      lines.pause();
      transport.onclose?.();
    },
  };
  return transport;
}
