// Requests as a client of the protocol of 2025 sends them, for tests that look at the answer itself.

/** Sends one message. */
export const post = (
  url: string,
  message: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify(message),
  });

/** Begins a session. */
export const initialize = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1.0.0' },
  },
} as const;

export const ping = { jsonrpc: '2.0', id: 2, method: 'ping' } as const;
