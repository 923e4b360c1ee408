import type { AddressInfo } from 'node:net';
import {
  localhostHostValidation,
  localhostOriginValidation,
  type NodeIncomingMessageLike,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { App } from '../app.ts';
import { type Call, owner } from '../call.ts';
import { badInput, HydrogenError } from '../errors.ts';
import { createServer } from '../server.ts';
import { createSessions } from './sessions.ts';

/** Largest request body, bytes. */
const maxBody = 4 * 2 ** 20;

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

export interface HttpServer {
  /** Address of the MCP endpoint. */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws HydrogenError `bad_input` for an address that others could reach. */
function assertLoopback(host: string): void {
  if (loopback.has(host)) return;
  throw badInput(
    `httpHost (HYDROGEN_HTTP_HOST) is "${host}", but there is no authentication yet, so only this machine may connect: use 127.0.0.1, ::1 or localhost. For others, put a gateway that authenticates before it.`,
  );
}

function healthCall(app: App, signal: AbortSignal): Call {
  return { caller: owner, signal, deadline: Date.now() + 5_000, progress() {}, log: app.log };
}

/** Serves MCP and health over HTTP on a loopback address; both protocol eras. */
export async function serveOnHttp(app: App): Promise<HttpServer> {
  const { httpHost: host, httpPort: port, httpSessions, httpSessionIdleMs } = app.config;
  assertLoopback(host);
  const server = fastify({ bodyLimit: maxBody, forceCloseConnections: true, logger: false });
  const modernHandler = createMcpHandler(() => createServer(app, owner), {
    legacy: 'reject',
    maxRequestBodySize: maxBody,
    onerror: (err) => app.log.warn({ err }, 'protocol error'),
  });
  const modern = toNodeHandler(modernHandler, { maxRequestBodySize: maxBody });
  const sessions = createSessions(() => createServer(app, owner), httpSessions, httpSessionIdleMs);
  const guards = [localhostHostValidation(), localhostOriginValidation()];

  // A page in a browser must not reach a local server by a name of its own (DNS rebinding).
  server.addHook('onRequest', (request, reply, done) => {
    if (guards.every((guard) => guard(request.raw, reply.raw))) done();
    else reply.hijack();
  });

  // Some clients send the content type with an empty body too, when they end their session.
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(String(body)));
    } catch (error) {
      done(Object.assign(error instanceof Error ? error : new Error('not JSON'), { statusCode: 400 }));
    }
  });

  server.setErrorHandler((error, _request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    if (status >= 500) app.log.error({ err: error }, 'request failed');
    const message = status >= 500 ? 'The server failed at this request.' : (error as Error).message;
    return reply
      .code(status)
      .send({ jsonrpc: '2.0', error: { code: status === 400 ? -32700 : -32600, message }, id: null });
  });

  server.route({
    method: ['GET', 'POST', 'DELETE', 'OPTIONS'],
    url: '/mcp',
    handler: serveMcp,
  });

  async function serveMcp(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.hijack();
    const { raw, body } = request;
    // Node says `url?: string | undefined` where the SDK says `url?: string`.
    const like = raw as NodeIncomingMessageLike;
    const options = { maxRequestBodySize: maxBody };
    const legacy = await isLegacyRequest(await toWebRequest(like, body, options), body, options);
    await (legacy ? sessions.handle(raw, reply.raw, body) : modern(like, reply.raw, body));
  }

  server.get('/health/liveness', async () => ({ status: 'up' }));
  server.get('/health/readiness', async (request, reply) => {
    const ready = await app.health.ready(healthCall(app, request.signal));
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  for (const path of ['/health', '/health/']) {
    server.get(path, async (request, reply) => {
      const { status, version } = await app.health.report(healthCall(app, request.signal));
      return reply.code(status === 'down' ? 503 : 200).send({ status, version });
    });
  }
  server.get('/health/detailed', async (request) => ({
    ...(await app.health.report(healthCall(app, request.signal))),
    process: await app.health.process(),
    sessions: sessions.size,
  }));

  await server.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
    const reason = { EADDRINUSE: 'is in use', EACCES: 'may not be used by this user' }[cause.code ?? ''];
    if (reason === undefined) throw cause;
    const advice = 'Choose another with --set httpPort=PORT, or 0 for a free one.';
    throw new HydrogenError('unavailable', `Port ${port} ${reason}. ${advice}`, { cause });
  });
  const address = server.server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  app.start();
  return {
    url: `http://${name}:${address.port}/mcp`,
    async close() {
      await Promise.all([sessions.close(), modernHandler.close()]);
      await server.close();
    },
  };
}
