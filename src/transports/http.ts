import {
  INTERNAL_ERROR,
  INVALID_REQUEST,
  type Server,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import type { Caller, ExportedFile } from '../call.ts';
import { isThisMachine } from '../config/this-machine.ts';
import { settledWithin } from '../ending.ts';
import { HydrogenError } from '../errors.ts';
import { collectGarbage, growYoungMemory } from '../garbage.ts';
import { contextWith, requestContext } from '../observability/request-context.ts';
import { isUnauthenticated, type Unauthenticated } from '../policy/authentication.ts';
import { messageDeadline } from '../protocol/call.ts';
import { isWatchable } from '../protocol/notices.ts';
import { createResourceWatch } from '../protocol/watch.ts';
import { createServer } from '../server.ts';
import { createAdmission, maxSmallBytes, type Release } from './admission.ts';
import { createCredentialWatch } from './credential-watch.ts';
import { createDrain } from './drain.ts';
import { createExportLinks, exportsPath } from './export-links.ts';
import { type HttpRefusal, sendRefusal } from './http-answers.ts';
import { readBody, readRequests, refusalOfType } from './http-body.ts';
import {
  metadataOf,
  metadataPaths,
  missingScopeOf,
  recordRefusal,
  refusalOf,
  refusalOfScope,
} from './http-callers.ts';
import { honourClose } from './http-connection.ts';
import { allowOrigin, isPreflight, preflightHeaders } from './http-cors.ts';
import { createGuards } from './http-guards.ts';
import { healthPaths, isForProbes, serveHealth } from './http-health.ts';
import { limitHttp, refusalOfLength } from './http-limits.ts';
import { createModernRequests, isLegacy } from './http-modern.ts';
import { createListener, isReadable, maxBodyBytes, maxLengthOf, refuse } from './http-server.ts';
import { idOf, serverError } from './messages.ts';
import { mayReadMetrics, metricsPath, readMetrics, serveMetrics } from './metrics-endpoint.ts';
import { nodeMessagesBy } from './node-messages.ts';
import { mcpPath, refusalOfTarget } from './not-found.ts';
import { opensStream } from './open-streams.ts';
import { createSessionIds } from './session-ids.ts';
import { createSessions } from './sessions.ts';
import { retryAfterSeconds } from './stopping.ts';

/** Total size of the large bodies in progress; a larger one is admitted alone. */
const maxLargeBytes = 2 * 2 ** 20;
/** From this size on, a body leaves so much garbage that it is collected before the next one is admitted. */
const minGarbageBytes = 2 ** 20;
/** V8 takes back what was grown for many calls while there are none. */
const messagesBetweenGrowth = 50;
const busy = 'The server is busy with other large messages. Nothing was done: send this one again later.';

const methods = ['GET', 'POST', 'DELETE'] as const;
/** Under any load: whoever looks after the server has to see what is wrong. */
const isAlwaysAnswered = (path: string): boolean =>
  [...healthPaths, metricsPath].includes(path.replace(/\?.*$/s, ''));

export interface HttpServer {
  /** Address of the MCP endpoint. */
  readonly url: string;
  /** Address of the metrics, where they have a port of their own. */
  readonly metricsUrl?: string;
  /** Reads the certificate for HTTPS again; open connections stay. */
  reload(): Promise<void>;
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

const unencrypted: HttpRefusal = {
  status: 403,
  code: serverError,
  message:
    'Plain HTTP is not served here: use https://. If you do, the gateway in front has to send X-Forwarded-Proto.',
};

/** Time limit for closing sessions and connections, ms. */
const closeTimeoutMs = 500;

/** The request id in the body of a refused request. */
function idIn(body: unknown): HttpRefusal['id'] {
  const json = body instanceof Buffer ? readBody(body) : undefined;
  return json && 'value' in json ? idOf(json.value) : null;
}

type Ids = readonly (string | number)[];

const originAt = (host: string, protocol: string): string =>
  `${protocol === 'http' ? 'http' : 'https'}://${host}`;

/** Why what is sent to the endpoint is refused before it is read. */
const refusalOfMessage = ({ method, is404, headers }: FastifyRequest): HttpRefusal | undefined =>
  method === 'POST' && is404 === false ? refusalOfType(headers) : undefined;

/** The message of a request, and the ids of the requests in it. */
function messageIn({ body }: FastifyRequest): { body: unknown; ids: Ids } | { refusal: HttpRefusal } {
  const json = readBody(body instanceof Buffer ? body : Buffer.alloc(0));
  if ('refusal' in json) return json;
  const read = readRequests(json.value);
  return 'refusal' in read ? read : { body: json.value, ids: read.requests };
}

const bytesOf = ({ body }: FastifyRequest): number => (body instanceof Buffer ? body.length : 0);

async function releaseCleanly(request: FastifyRequest, release: Release): Promise<void> {
  if (bytesOf(request) > minGarbageBytes) await collectGarbage();
  release();
}

/**
 * Serves MCP and health over HTTP; both protocol eras.
 * @throws HydrogenError `bad_input` where the settings would let in whom nobody knows, or nobody at all
 */
export async function serveOnHttp(app: App, { connect, bus }: HttpOptions = {}): Promise<HttpServer> {
  const {
    httpHost,
    publicUrl,
    httpSessions,
    httpSessionIdleMs,
    httpSessionMaxAgeMs,
    httpRequestTimeoutMs,
    callTimeoutMs,
    drainDelayMs,
    drainMs,
  } = app.config;
  await app.access.assertServable();
  const listener = await createListener(app, methods.join(', '));
  const { server } = listener;
  const guards = createGuards(app.config);
  const isExposed = !isThisMachine(httpHost);
  const ownOrigin = publicUrl?.replace(/\/+$/, '');
  /** This server as the client of a request knows it. */
  const origins = new WeakMap<FastifyRequest, string>();
  const originOf = (request: FastifyRequest): string => origins.get(request) ?? listener.origin();
  const callers = new WeakMap<FastifyRequest, Caller>();
  const limits = limitHttp(server, app, (request) => callers.get(request), isAlwaysAnswered);
  const watch = createResourceWatch(app);
  const links = createExportLinks(app);
  const addressOf =
    (caller: Caller) =>
    async (file: ExportedFile): Promise<string> =>
      `${ownOrigin ?? listener.origin()}${await links.pathOf(file, caller)}`;
  const modern = createModernRequests({
    connect: connect ?? ((caller) => createServer(app, caller, { addressOf: addressOf(caller) })),
    maxBodyBytes,
    onError: (err) => app.log.warn({ err }, 'protocol error'),
    watch,
    isWatchable: (uri, caller) => isWatchable(uri, { app, caller }),
    ...(bus && { bus }),
  });
  const credentials = createCredentialWatch(app);
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
    const { host, protocol, raw } = request;
    const isProbe = isExposed && isForProbes(request.url);
    const foreign =
      refusalOfLength(request.originalUrl) ??
      guards.refusalOf(raw, isProbe ? 'localhost' : host, request.originalUrl);
    if (foreign) {
      limits.explain(request, foreign.message);
      return refuse(reply, foreign);
    }
    if (!isProbe && isReadable(app, request)) return refuse(reply, unencrypted);
    origins.set(request, ownOrigin ?? originAt(host, protocol));
    const isNamed = guards.isNamedOrigin(raw.headers.origin);
    if (isNamed) allowOrigin(raw, reply.raw);
    if (isNamed && isPreflight(raw)) return reply.code(204).headers(preflightHeaders(raw, methods)).send();
    const refusal = refusalOfMessage(request);
    if (refusal) return refuse(reply, refusal);
    // Later readers build a URL from it.
    raw.headers.host = 'localhost';
    drain.expect(reply.raw);
    // Anybody may send it: it must not take the room of callers' bodies.
    if (request.is404 && maxLengthOf(request.headers) > maxSmallBytes) return notFound(request, reply);
    done();
  });

  // A waiting body is not read yet and takes no memory. The time limits of the request and its call keep running.
  server.addHook('preParsing', async (request, reply) => {
    const length = maxLengthOf(request.headers);
    if (length === 0) return;
    const arrived = Date.now();
    // There is no point in waiting longer than the call may take.
    const maxWaitMs = Math.min(callTimeoutMs, httpRequestTimeoutMs * 0.8);
    const who = callers.get(request)?.id;
    const release = await admission.enter(Math.min(length, maxBodyBytes), maxWaitMs, { who });
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

  const notFound = (request: FastifyRequest, reply: FastifyReply): void =>
    refuse(reply, limits.notFound(request, refusalOfTarget(app, request, methods, idIn(request.body))));
  server.setNotFoundHandler(notFound);

  function failed(err: unknown, id: HttpRefusal['id'] = null): HttpRefusal {
    app.log.error({ err }, 'request failed');
    const message = "The request failed; the server's log (stderr) has the details.";
    return { status: 500, code: INTERNAL_ERROR, message, id };
  }

  /** Determines the caller, or refuses the request. */
  async function identify(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const early = limits.refusalOfStranger(request);
    if (early) {
      refuse(reply, early);
      return reply;
    }
    let caller: Caller | Unauthenticated;
    try {
      caller = await app.authenticate(request.headers);
    } catch (error) {
      // Whatever it says, also of a status, is not for a stranger.
      refuse(reply, failed(error));
      return reply;
    }
    // The client may have disconnected meanwhile: there is nobody to serve.
    if (reply.raw.destroyed) return reply.hijack();
    if (isUnauthenticated(caller)) {
      const { status = 401, message: reason } = caller;
      if (status === 401) limits.stranger(request);
      recordRefusal(app, request, undefined, 'unauthenticated');
      app.log.info({ address: request.ip, status, reason }, 'refused: nobody known');
      refuse(reply, refusalOf(app, caller, originOf(request)));
      return reply;
    }
    callers.set(request, caller);
    const limited = await limits.refusalOf(caller, request);
    if (!limited) return undefined;
    refuse(reply, limited);
    return reply;
  }

  function callerOf(request: FastifyRequest): Caller {
    const caller = callers.get(request);
    if (!caller) throw new Error('a request without a caller');
    return caller;
  }

  server.route({
    method: [...methods],
    url: mcpPath,
    exposeHeadRoute: false,
    onRequest: identify,
    handler: serveMcp,
  });

  let messages = 0;

  async function serveMcp(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (++messages % messagesBetweenGrowth === 0) growYoungMemory();
    const { raw } = request;
    const caller = callerOf(request);
    const message = raw.method === 'POST' ? messageIn(request) : { body: undefined, ids: [] };
    if ('refusal' in message) return refuse(reply, message.refusal);
    const { body, ids } = message;
    const context = contextWith(raw.headers['traceparent'], { request: request.id, address: request.ip });
    const missing = await requestContext.run(context, () => missingScopeOf(app, caller, body, context));
    if (missing) return refuse(reply, refusalOfScope(app, missing, originOf(request), body));
    reply.hijack();
    honourClose(raw, reply.raw);
    if (!drain.admit(raw, reply.raw, body)) return;
    if (opensStream(raw.method, body)) credentials.add(raw.headers, caller, reply.raw);
    const crowded = limits.streams.admit(raw, reply.raw, caller, body);
    if (crowded) return sendRefusal(reply.raw, crowded);
    try {
      const serve = async (): Promise<void> =>
        isLegacy(raw, body)
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

  serveHealth(server, {
    app,
    isLeaving: () => drain.isLeaving,
    sessions: () => sessions.size,
    identify,
    callerOf,
    forbid(request, reply, message) {
      recordRefusal(app, request, callerOf(request), '/health/detailed');
      refuse(reply, { status: 403, code: serverError, message });
      return reply;
    },
  });

  for (const path of metadataPaths) {
    server.get(path, async (request, reply) => {
      // There may be issuers later, when the settings are read again.
      if (app.access.issuers.length > 0) return metadataOf(app, originOf(request));
      notFound(request, reply);
      return reply;
    });
  }

  app.metrics?.measureHttp(() => ({ sessions: sessions.size, streams: limits.streams.size }));
  if (app.config.metrics && app.config.metricsPort === undefined) {
    server.get(metricsPath, { onRequest: identify }, async (request, reply) => {
      const caller = callers.get(request);
      if (!caller || !mayReadMetrics(caller)) {
        const message = 'Metrics are for callers with the scope "read" and no roles.';
        recordRefusal(app, request, caller, metricsPath);
        refuse(reply, { status: 403, code: serverError, message });
        return reply;
      }
      const { type, text } = await readMetrics(app, request.signal);
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
      const refusal = { status, code: serverError, message: error.message };
      refuse(reply, status === 404 ? limits.notFound(request, refusal) : refusal);
      return reply;
    }
  });

  await listener.listen();
  const metrics = await serveMetrics(app).catch(async (error: unknown) => {
    await listener.close();
    throw error;
  });
  app.start();
  return {
    ...(metrics && { metricsUrl: metrics.url }),
    url: `${listener.origin()}${mcpPath}`,
    reload: () => listener.reload(),
    async close() {
      await drain.stop();
      watch.close();
      credentials.close();
      await settledWithin(closeTimeoutMs, Promise.allSettled([sessions.close(), modern.close()]));
      await drain.flushed();
      await settledWithin(closeTimeoutMs, listener.close());
      await metrics?.close();
    },
  };
}
