import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import type { App } from '../app.ts';
import { type Caller, systemCall } from '../call.ts';
import { isThisMachine } from '../config/this-machine.ts';
import { settledWithin } from '../ending.ts';
import { HydrogenError } from '../errors.ts';
import { portTrouble } from './port-in-use.ts';

export const metricsPath = '/metrics';

/** How long metrics may take, ms: a part that is slower is left out. */
const timeoutMs = 5_000;
/** How long closing waits for an answer that is under way, ms. */
const closeMs = 500;

/** They tell of everybody's calls, so whoever a rule narrows does not see them. */
export const mayReadMetrics = ({ scopes, roles }: Caller): boolean =>
  scopes.includes('read') && roles === undefined;

/** The metrics of an app that keeps some. */
export function readMetrics(app: App, signal: AbortSignal) {
  if (!app.metrics) throw new Error('there are no metrics');
  return app.metrics.text(systemCall(app.log, { signal, limitMs: timeoutMs }));
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A web page that has a name point to this machine (DNS rebinding) must not read them. */
function isForeignName(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d*$/, '').replace(/^\[|\]$/g, '');
  return name !== 'localhost' && isIP(name) === 0;
}

/**
 * Serves metrics, and nothing else, on a port of their own. It asks nobody who they are.
 * @throws HydrogenError `unavailable` where the port is taken
 */
export async function serveMetrics(app: App): Promise<MetricsServer | undefined> {
  const { metrics, metricsHost: host, metricsPort: port } = app.config;
  if (!metrics || port === undefined) return undefined;
  const isLocal = isThisMachine(host);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const end = (status: number, text: string, type = 'text/plain; charset=utf-8'): void =>
      void response.writeHead(status, { 'content-type': type }).end(text);
    if (isLocal && isForeignName(request.headers.host)) return end(403, 'Use the address of this machine.\n');
    const path = request.url?.replace(/\?.*$/s, '');
    if (path !== metricsPath) return end(404, `There is only ${metricsPath}.\n`);
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(405, 'Use GET.\n');
    try {
      const left = new AbortController();
      response.once('close', () => left.abort());
      const { type, text } = await readMetrics(app, left.signal);
      end(200, text, type);
    } catch (err) {
      app.log.error({ err }, 'no metrics');
      end(500, 'The metrics cannot be read; the log has the details.\n');
    }
  }

  const server = createServer(
    { requestTimeout: timeoutMs, headersTimeout: timeoutMs },
    (request, response) => void answer(request, response),
  );
  server.maxConnections = 50;
  // It does not keep the process from ending.
  server.unref();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen({ host, port }, resolve);
  await promise.catch((cause: NodeJS.ErrnoException) => {
    const elsewhere = `Port ${port} for metrics cannot be used at ${host}. Set metricsHost to an address of this machine.`;
    throw (
      portTrouble(cause, `${port} for metrics`, 'metricsPort') ??
      new HydrogenError('unavailable', elsewhere, { cause })
    );
  });
  const { family, address, port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}${metricsPath}`,
    async close() {
      const closed = new Promise((done) => server.close(done));
      await settledWithin(closeMs, closed);
      server.closeAllConnections();
    },
  };
}
