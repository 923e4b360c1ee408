import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import {
  INTERNAL_ERROR,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  type Server,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { App } from '../app.ts';
import { type Call, type Caller, type ExportedFile, localCaller, systemCall } from '../call.ts';
import { settledWithin } from '../ending.ts';
import { badInput, HydrogenError } from '../errors.ts';
import { collectGarbage } from '../garbage.ts';
import { contextWith, requestContext } from '../observability/request-context.ts';
import type { Authenticate } from '../policy/authentication.ts';
import { messageDeadline } from '../protocol/call.ts';
import { isWatchable } from '../protocol/notices.ts';
import { createResourceWatch } from '../protocol/watch.ts';
import { createServer } from '../server.ts';
import { createAdmission, type Release } from './admission.ts';
import { createDrain } from './drain.ts';
import { createExportLinks, exportsPath } from './export-links.ts';
import { answerUnparsed, bodyOf, type HttpRefusal, sendRefusal } from './http-answers.ts';
import { readBody, readRequests, refusalOfType } from './http-body.ts';
import { honourClose } from './http-connection.ts';
import { absoluteTarget, refusalOfOrigin } from './http-guards.ts';
import { limitHttp, refusalOfLength } from './http-limits.ts';
import { createModernRequests, isLegacy } from './http-modern.ts';
import { idOf, serverError } from './messages.ts';
import { mayReadMetrics, metricsPath, readMetrics, serveMetrics } from './metrics-endpoint.ts';
import { nodeMessagesBy } from './node-messages.ts';
import { createReadiness } from './readiness.ts';
import { createSessionIds } from './session-ids.ts';
import { createSessions } from './sessions.ts';
import { retryAfterSeconds } from './stopping.ts';

/** Largest request body, bytes. */
const maxBodyBytes = 4 * 2 ** 20;

/** Total size of the large bodies in progress; a larger one is admitted alone. */
const maxLargeBytes = 2 * 2 ** 20;
/** From this size on, a body leaves so much garbage that it is collected before the next one is admitted. */
const minGarbageBytes = 2 ** 20;
const busy = 'The server is busy with other large messages. Nothing was done: send this one again later.';

const mcpPath = '/mcp';
const methods = ['GET', 'POST', 'DELETE'] as const;
const healthPaths = ['/health', '/health/', '/health/liveness', '/health/readiness', '/health/detailed'];
const readingMethods = ['GET', 'HEAD'];
/** Under any load: whoever looks after the server has to see what is wrong. */
const isAlwaysAnswered = (path: string): boolean =>
  [...healthPaths, metricsPath].includes(path.replace(/\?.*$/s, ''));
const isForReading = (path: string): boolean => healthPaths.includes(path) || path.startsWith(exportsPath);

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

export interface HttpServer {
  /** Address of the MCP endpoint. */
  readonly url: string;
  /** Address of the metrics, where they have a port of their own. */
  readonly metricsUrl?: string;
  /**
   * Refuses new calls, gives those in progress `drainMs` to finish, answers the rest with an error, then closes all
   * connections.
   */
  close(): Promise<void>;
}

/** What takes the place of our own tools, resources and prompts. */
export interface HttpOptions {
  /** Creates the server for a session of 2025, or a request of 2026. */
  readonly connect?: (caller: Caller) => Server;
  /** Where changes are published for those of 2026 that listen. */
  readonly bus?: ServerEventBus;
}

/** Time limit for closing sessions and connections, ms. */
const closeTimeoutMs = 500;

/** @throws HydrogenError `bad_input` for an address that others could reach. */
function assertLoopback(host: string): void {
  if (loopback.has(host)) return;
  throw badInput(
    `httpHost (HYDROGEN_HTTP_HOST) is "${host}", but there is no authentication yet, so only this machine may connect: use 127.0.0.1, ::1 or localhost. For others, use an authenticating gateway.`,
  );
}

function refuse(reply: FastifyReply, refusal: HttpRefusal): void {
  reply
    .code(refusal.status)
    .headers({ ...refusal.headers, 'content-type': 'application/json' })
    .send(bodyOf(refusal));
}

/** The request id in the body of a refused request. */
function idIn(body: unknown): HttpRefusal['id'] {
  const json = body instanceof Buffer ? readBody(body) : undefined;
  return json && 'value' in json ? idOf(json.value) : null;
}

const bytesOf = ({ body }: FastifyRequest): number => (body instanceof Buffer ? body.length : 0);

async function releaseCleanly(request: FastifyRequest, release: Release): Promise<void> {
  if (bytesOf(request) > minGarbageBytes) await collectGarbage();
  release();
}

/** Time limit of a health report, ms. */
const healthTimeoutMs = 5_000;

function healthCall(app: App, signal: AbortSignal): Call {
  return systemCall(app.log, { signal, limitMs: healthTimeoutMs });
}

/**
 * Serves MCP and health over HTTP; both protocol eras. Without authentication everybody is the owner, so only a loopback
 * address is served.
 */
export async function serveOnHttp(app: App, { connect, bus }: HttpOptions = {}): Promise<HttpServer> {
  const {
    httpHost: host,
    httpPort: port,
    httpSessions,
    httpSessionIdleMs,
    httpSessionMaxAgeMs,
    httpRequestTimeoutMs,
    callTimeoutMs,
    drainDelayMs,
    drainMs,
  } = app.config;
  const { authenticate } = app;
  if (!authenticate) assertLoopback(host);
  const server = fastify({
    bodyLimit: maxBodyBytes,
    forceCloseConnections: true,
    logger: false,
    // A header or body that never ends would hold its connection forever.
    requestTimeout: httpRequestTimeoutMs,
    genReqId: () => randomUUID(),
    http: {
      // A client that is gone without a word, with its stream open, is noticed.
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      headersTimeout: httpRequestTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, httpRequestTimeoutMs),
      // Refused below, with an explanation.
      requireHostHeader: false,
    },
    rewriteUrl: ({ url = '/' }) => absoluteTarget(url)?.path ?? url,
    clientErrorHandler: (error, socket) => answerClientError(error, socket),
    frameworkErrors: ({ statusCode = 400, message }, _request, reply) =>
      refuse(reply, { status: statusCode, code: INVALID_REQUEST, message }),
  });
  const answerClientError = answerUnparsed(server.server, methods.join(', '));
  const callers = new WeakMap<FastifyRequest, Caller>();
  const limits = limitHttp(server, app, (request) => callers.get(request), isAlwaysAnswered);
  const watch = createResourceWatch(app);
  const links = createExportLinks(app);
  const addressOf =
    (caller: Caller) =>
    async (file: ExportedFile): Promise<string> =>
      `${origin()}${await links.pathOf(file, caller)}`;
  const modern = createModernRequests({
    connect: connect ?? ((caller) => createServer(app, caller, { addressOf: addressOf(caller) })),
    maxBodyBytes,
    onError: (err) => app.log.warn({ err }, 'protocol error'),
    watch,
    isWatchable: (uri, caller): uri is string => isWatchable(uri, { app, caller }),
    ...(bus && { bus }),
  });
  const admission = createAdmission(maxLargeBytes);
  const admitted = new WeakMap<FastifyRequest, Release>();
  /** Deadlines of requests that waited to be read. */
  const deadlines = new WeakMap<FastifyRequest, number>();
  const nodes = nodeMessagesBy(app, app.log);
  const sessions = createSessions({
    connect:
      connect ??
      ((caller) => createServer(app, caller, { watch, isContinued: true, addressOf: addressOf(caller) })),
    ids: createSessionIds(() => app.signer(), httpSessionMaxAgeMs, app.log),
    maxSessions: httpSessions,
    idleMs: httpSessionIdleMs,
    log: app.log,
    ...(nodes && { nodes }),
  });
  const drain = createDrain({ leaveMs: drainDelayMs, drainMs, endCalls: () => app.calls.end() });

  server.addHook('onRequest', (request, reply, done) => {
    const refusal =
      refusalOfLength(request.originalUrl) ??
      refusalOfOrigin(request.raw, request.originalUrl) ??
      (request.method === 'POST' && request.is404 === false ? refusalOfType(request.headers) : undefined);
    if (refusal) return refuse(reply, refusal);
    // Later readers build a URL from it.
    request.raw.headers.host = 'localhost';
    drain.expect(reply.raw);
    done();
  });

  // A waiting body is not read yet and takes no memory. The time limits of the request and its call keep running.
  server.addHook('preParsing', async (request, reply) => {
    const { 'content-length': declared, 'transfer-encoding': encoding } = request.headers;
    // The length of a chunked body is unknown until it is read.
    const length = encoding === undefined ? Number(declared ?? 0) : maxBodyBytes;
    if (length === 0) return;
    const arrived = Date.now();
    // There is no point in waiting longer than the call may take.
    const maxWaitMs = Math.min(callTimeoutMs, httpRequestTimeoutMs * 0.8);
    const release = await admission.enter(Math.min(length, maxBodyBytes), maxWaitMs);
    // The client may have disconnected meanwhile.
    if (!release || reply.raw.destroyed) release?.();
    else reply.raw.once('close', () => void releaseCleanly(request, release));
    if (!release) throw Object.assign(new Error(busy), { statusCode: 503 });
    admitted.set(request, release);
    if (Date.now() > arrived) deadlines.set(request, arrived + callTimeoutMs);
  });
  server.addHook('preValidation', async (request) => {
    admitted.get(request)?.(bytesOf(request));
  });

  // Parsed by the handler, which can say what is wrong with it. Some clients also send the content type with an empty
  // body when they end their session.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  server.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    if (status === 503 && error instanceof Error)
      return refuse(reply, {
        status,
        code: serverError,
        message: error.message,
        headers: { 'retry-after': String(retryAfterSeconds) },
      });
    if (status >= 500 || !(error instanceof Error)) return refuse(reply, failed(error, idIn(request.body)));
    const isTooLarge = status === 413;
    // The rest is read and discarded: closing the connection while the client is sending would lose the answer.
    reply.removeHeader('connection');
    const message = isTooLarge
      ? `The body is larger than ${maxBodyBytes / 2 ** 20} MiB: send less.`
      : error.message;
    return refuse(reply, { status, code: isTooLarge ? serverError : INVALID_REQUEST, message });
  });

  server.setNotFoundHandler((request, reply) => {
    const id = idIn(request.body);
    const asked = request.url.replace(/[?#].*$/s, '');
    // Whoever has the rest of such a path may open the file.
    const path = asked.startsWith(exportsPath) ? `${exportsPath}…` : asked;
    const allowed = path === mcpPath ? methods : isForReading(path) ? readingMethods : undefined;
    if (allowed === undefined) {
      const message = `There is nothing at ${path.slice(0, 200)}: MCP is at ${mcpPath}, health at /health/.`;
      return refuse(reply, { status: 404, code: METHOD_NOT_FOUND, message, id });
    }
    const allow = allowed.join(', ');
    const message = `${request.method} is not allowed at ${path}: use ${allow}.`;
    return refuse(reply, { status: 405, code: serverError, message, id, headers: { allow } });
  });

  function failed(err: unknown, id: HttpRefusal['id'] = null): HttpRefusal {
    app.log.error({ err }, 'request failed');
    const message = "The request failed; the server's log (stderr) has the details.";
    return { status: 500, code: INTERNAL_ERROR, message, id };
  }

  /** Determines the caller, or refuses the request. */
  async function identify(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    let caller: Awaited<ReturnType<Authenticate>> = localCaller(app.config.localRole);
    const early = limits.refusalOfStranger(request);
    if (early) {
      refuse(reply, early);
      return reply;
    }
    try {
      if (authenticate) caller = await authenticate(request.headers);
    } catch (error) {
      // Whatever it says, also of a status, is not for a stranger.
      refuse(reply, failed(error));
      return reply;
    }
    // The client may have disconnected meanwhile: there is nobody to serve.
    if (reply.raw.destroyed) return reply.hijack();
    if ('challenge' in caller) {
      limits.stranger(request);
      const { message, challenge } = caller;
      app.audit.refuse({ transport: 'http', address: request.ip }, 'unauthenticated');
      refuse(reply, { status: 401, code: serverError, message, headers: { 'www-authenticate': challenge } });
      return reply;
    }
    callers.set(request, caller);
    const limited = await limits.refusalOf(caller, request);
    if (!limited) return undefined;
    refuse(reply, limited);
    return reply;
  }

  server.route({
    method: [...methods],
    url: mcpPath,
    exposeHeadRoute: false,
    onRequest: identify,
    handler: serveMcp,
  });

  async function serveMcp(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { raw } = request;
    const caller = callers.get(request);
    if (!caller) throw new Error('a request without a caller');
    let body: unknown;
    let ids: readonly (string | number)[] = [];
    if (raw.method === 'POST') {
      const json = readBody(request.body instanceof Buffer ? request.body : Buffer.alloc(0));
      if ('refusal' in json) return refuse(reply, json.refusal);
      const read = readRequests(json.value);
      if ('refusal' in read) return refuse(reply, read.refusal);
      [body, ids] = [json.value, read.requests];
    }
    reply.hijack();
    honourClose(raw, reply.raw);
    if (!drain.admit(raw, reply.raw, body)) return;
    const crowded = limits.streams.admit(raw, reply.raw, caller, body);
    if (crowded) return sendRefusal(reply.raw, crowded);
    const context = contextWith(raw.headers['traceparent'], { request: request.id, address: request.ip });
    try {
      const serve = async (): Promise<void> =>
        (await isLegacy(raw, body))
          ? sessions.handle(raw, reply.raw, { caller, body, ids })
          : modern.handle(raw, reply.raw, caller, body);
      const deadline = deadlines.get(request);
      await requestContext.run(context, () =>
        deadline === undefined ? serve() : messageDeadline.run(deadline, serve),
      );
    } catch (error) {
      sendRefusal(reply.raw, failed(error, idOf(body)));
    }
  }

  server.get('/health/liveness', async () => ({ status: 'up' }));
  const isReady = createReadiness(app);
  server.get('/health/readiness', async (_request, reply) => {
    if (drain.isLeaving) return reply.code(503).send({ ready: false, stopping: true });
    const ready = await isReady();
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  for (const path of ['/health', '/health/']) {
    server.get(path, async (request, reply) => {
      const { status, version } = await app.health.report(healthCall(app, request.signal));
      if (drain.isLeaving) return reply.code(503).send({ status: 'stopping', version });
      return reply.code(status === 'down' ? 503 : 200).send({ status, version });
    });
  }
  server.get('/health/detailed', async (request) => ({
    ...(await app.health.report(healthCall(app, request.signal))),
    ...(drain.isLeaving && { status: 'stopping' }),
    process: await app.health.process(),
    sessions: sessions.size,
  }));

  const gauges = () => ({ sessions: sessions.size, streams: limits.streams.size });
  if (app.metrics && app.config.metricsPort === undefined) {
    server.get(metricsPath, { onRequest: identify }, async (request, reply) => {
      const caller = callers.get(request);
      if (!caller || !mayReadMetrics(caller)) {
        const message = 'Metrics are for callers with the scope "read" and no roles.';
        refuse(reply, { status: 403, code: serverError, message });
        return reply;
      }
      const { type, text } = await readMetrics(app, gauges(), request.signal);
      return reply.header('content-type', type).send(text);
    });
  }

  server.get(`${exportsPath}*`, async (request, reply) => {
    try {
      const { text, headers } = await links.open(request.url, request.signal);
      return reply.headers(headers).send(text);
    } catch (error) {
      if (!(error instanceof HydrogenError)) throw error;
      const status = error.code === 'not_found' || error.code === 'not_allowed' ? 404 : 503;
      refuse(reply, { status, code: serverError, message: error.message });
      return reply;
    }
  });

  /** Of the address that is listened at. */
  function origin(): string {
    const { family, address, port: actualPort } = server.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`;
  }

  await server.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
    const reason = { EADDRINUSE: 'is in use', EACCES: 'may not be used by this user' }[cause.code ?? ''];
    if (reason === undefined) throw cause;
    const advice = 'Choose another with --set httpPort=PORT, or 0 for a free one.';
    throw new HydrogenError('unavailable', `Port ${port} ${reason}. ${advice}`, { cause });
  });
  const metrics = await serveMetrics(app, gauges).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  app.start();
  return {
    ...(metrics && { metricsUrl: metrics.url }),
    url: `${origin()}${mcpPath}`,
    async close() {
      await drain.stop();
      watch.close();
      await settledWithin(closeTimeoutMs, Promise.allSettled([sessions.close(), modern.close()]));
      await drain.flushed();
      await settledWithin(closeTimeoutMs, server.close());
      await metrics?.close();
    },
  };
}
