import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { App } from '../app.ts';
import { type Call, type Caller, systemCall } from '../call.ts';
import { createReadiness } from './readiness.ts';

/** Time limit of a health report, ms. */
const healthTimeoutMs = 5_000;

const overviews = ['/health', '/health/'];
export const healthPaths: readonly string[] = [
  ...overviews,
  '/health/liveness',
  '/health/readiness',
  '/health/detailed',
];
/** What tells no more than whether to send requests here: orchestrators ask it by any name, without a key. */
export const isForProbes = (url: string): boolean => /^\/health\/(?:liveness|readiness)(?:\?|$)/.test(url);

export interface HealthRoutes {
  readonly app: App;
  /** Told to stop. */
  isLeaving(): boolean;
  sessions(): number;
  /** Refuses whoever is not known. */
  readonly identify: onRequestAsyncHookHandler;
  callerOf(request: FastifyRequest): Caller;
  /** Refuses a caller that may not see what was asked for. */
  forbid(request: FastifyRequest, reply: FastifyReply, message: string): FastifyReply;
}

/** Liveness and readiness for everybody, how the server is for callers, and its details for those that see everything. */
export function serveHealth(
  server: FastifyInstance,
  { app, isLeaving, sessions, identify, callerOf, forbid }: HealthRoutes,
): void {
  const callFor = (signal: AbortSignal): Call => systemCall(app.log, { signal, limitMs: healthTimeoutMs });

  server.get('/health/liveness', async () => ({ status: 'up' }));
  const isReady = createReadiness(app);
  server.get('/health/readiness', async (_request, reply) => {
    if (isLeaving()) return reply.code(503).send({ ready: false, stopping: true });
    const ready = await isReady();
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  for (const path of overviews) {
    server.get(path, { onRequest: identify }, async (request, reply) => {
      const { status, version } = await app.health.report(callFor(request.signal));
      if (isLeaving()) return reply.code(503).send({ status: 'stopping', version });
      return reply.code(status === 'down' ? 503 : 200).send({ status, version });
    });
  }
  server.get('/health/detailed', { onRequest: identify }, async (request, reply) => {
    const { scopes, roles } = callerOf(request);
    if (!scopes.includes('read') || roles !== undefined)
      return forbid(
        request,
        reply,
        'The details of health are for callers with the scope "read" and without roles.',
      );
    return {
      ...(await app.health.report(callFor(request.signal))),
      ...(isLeaving() && { status: 'stopping' }),
      process: await app.health.process(),
      sessions: sessions(),
    };
  });
}
