import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Caller, callerInLog } from '../call.ts';
import type { Logger } from '../observability/log.ts';
import { exportsPath } from './export-links.ts';

interface AccessLogOptions {
  /** Whether also those that are not refused are logged. */
  readonly isOn: boolean;
  readonly log: Logger;
  /** Who sent it, once that is known. */
  readonly callerOf: (request: FastifyRequest) => Caller | undefined;
  /** Why it was refused, where its status does not say it. */
  readonly reasonOf?: (request: FastifyRequest) => string | undefined;
  /** Hears of each request that was answered; its path is one of few. */
  readonly answered?: (request: {
    readonly method: string;
    readonly path: string;
    readonly status: number;
  }) => void;
}

/** Characters of a path in the log: clients may send any. */
const maxPathLength = 200;
/** Too frequent to be told one by one: whoever refuses for the sake of load says so itself. */
const shedStatuses: readonly number[] = [429, 503];

/** The path without its query. Whoever has the rest of the path of an export may open it. */
function shownPath(url: string): string {
  const path = url.replace(/[?#].*$/s, '').slice(0, maxPathLength);
  return path.startsWith(exportsPath) ? `${exportsPath}…` : path;
}

const methods: readonly string[] = ['GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS'];

/** Logs a line for each request when its answer ends: all of them, or only those that are refused. */
export function logRequests(
  server: FastifyInstance,
  { isOn, log, callerOf, reasonOf, answered }: AccessLogOptions,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    const begun = performance.now();
    reply.raw.once('close', () => {
      const { statusCode: status, writableFinished } = reply.raw;
      const { method, url, id, ip: address } = request;
      const route = request.routeOptions.url;
      answered?.({
        method: methods.includes(method) ? method : 'other',
        path: route ?? 'other',
        status,
      });
      const isRefused = status >= 400;
      if (!isOn && !isRefused) return;
      const caller = callerOf(request);
      const reason = reasonOf?.(request);
      const entry = {
        method,
        path: shownPath(url),
        status,
        ms: Math.round(performance.now() - begun),
        ...(caller && callerInLog(caller)),
        ...(reason !== undefined && { reason }),
        address,
        request: id,
        ...(!writableFinished && { isCutShort: true }),
      };
      const level = shedStatuses.includes(status) && !isOn ? 'debug' : 'info';
      log[level](entry, isRefused ? 'request refused' : 'request answered');
    });
    done();
  });
}
