import { expect, onTestFinished, test, vi } from 'vitest';
import { serveOnHttp } from '../../src/transports/http.ts';
import { openedApp } from '../support/connected.ts';

async function served(): Promise<string> {
  const server = await serveOnHttp(await openedApp({ settings: { httpPort: 0 } }));
  onTestFinished(() => server.close());
  return server.url;
}

const accept = 'application/json, text/event-stream';

function initialize(url: string): Promise<Response> {
  const clientInfo = { name: 'test', version: '1.0.0' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  });
}

test('a stream with nothing to say carries a comment every 15 s: what stands between does not take it for dead', async () => {
  const url = await served();
  const session = (await initialize(url)).headers.get('mcp-session-id') ?? '';
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const headers = { accept: 'text/event-stream', 'mcp-session-id': session };
  const stream = await fetch(url, { headers, signal: leave.signal });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let times = 0; times < 2; times++) {
    vi.advanceTimersByTime(15_000);
    let text = '';
    while (!text.includes(': keepalive\n\n')) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      expect(done).toBe(false);
      text += value;
    }
  }
});

test('a connection without a request is kept for longer than the minute after which gateways use it again', async () => {
  const answer = await fetch((await served()).replace(/mcp$/, 'health/live'));
  const [, seconds] = /timeout=(\d+)/.exec(answer.headers.get('keep-alive') ?? '') ?? [];
  expect(Number(seconds)).toBeGreaterThan(60);
});
