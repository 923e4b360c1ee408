import { connect } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The JSON-RPC error in the body, when there is one. */
  readonly error: { readonly code: number; readonly message: string; readonly id: unknown } | undefined;
}

function parsed(text: string): RawResponse {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const body = rest.join('\r\n\r\n');
  const json = /\{.*\}/s.exec(body)?.[0];
  let error: RawResponse['error'];
  if (json?.includes('"error"')) {
    const message = JSON.parse(json) as { id: unknown; error: { code: number; message: string } };
    error = { ...message.error, id: message.id };
  }
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body, error };
}

/** What comes before the server's answer is whole: a response with its length, or a closed connection. */
function isWhole(text: string): boolean {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  if (rest.length === 0 || / 100 Continue/.test(head)) return false;
  const body = rest.join('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) return Buffer.byteLength(body) >= Number(length);
  return !/transfer-encoding: chunked/i.test(head) || /(^|\n)0\r\n/.test(body);
}

/**
 * Writes bytes to a port of this machine and waits for one answer.
 * @param options.end whether our side is closed then
 * @returns undefined where the connection was closed without an answer
 */
export function rawHttp(
  port: number,
  parts: readonly (string | Uint8Array)[],
  { end = false }: { readonly end?: boolean } = {},
): Promise<RawResponse | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (): void => {
      socket.destroy();
      const answer = text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
      resolve(answer === '' ? undefined : parsed(answer));
    };
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (isWhole(text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''))) finish();
    });
    socket.on('error', finish);
    socket.on('close', finish);
    for (const part of parts) socket.write(part);
    if (end) socket.end();
  });
}

const accepted = 'Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n';

/** A POST to /mcp with a body; `headers` are lines that are added or, for a type, put in its place. */
export function post(body: string | Uint8Array, headers = ''): (string | Uint8Array)[] {
  const usual = /content-type:/i.test(headers) ? accepted.replace(/Content-Type.*\r\n/, '') : accepted;
  const length = /content-length:|transfer-encoding:/i.test(headers)
    ? ''
    : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return [`POST /mcp HTTP/1.1\r\nHost: localhost\r\n${usual}${headers}${length}\r\n`, body];
}
