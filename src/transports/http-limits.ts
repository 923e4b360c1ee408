import { INVALID_REQUEST } from '@modelcontextprotocol/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import type { Caller } from '../call.ts';
import type { Wait } from '../policy/limits.ts';
import { logRequests } from './access-log.ts';
import type { HttpRefusal } from './http-answers.ts';
import { serverError } from './messages.ts';
import { createOpenStreams, type OpenStreams } from './open-streams.ts';
import { shedLoad } from './pressure.ts';
import { createStrangers } from './strangers.ts';

/** What bounds the requests of HTTP clients, in the order in which a request meets it. */
export interface HttpLimits {
  /** Before it is known who sends a request. @returns why it is refused */
  refusalOfStranger(request: FastifyRequest): HttpRefusal | undefined;
  /** Counts a request whose credential is missing or wrong. */
  stranger(request: FastifyRequest): void;
  /**
   * Counts a request for what there is not, which anybody may send; no other request is held up by it.
   * @returns the refusal, or from an address that has sent many, that it has to wait
   */
  notFound(request: FastifyRequest, refusal: HttpRefusal): HttpRefusal;
  /** Counts a request of a caller, before its body is read. @returns why it is refused */
  refusalOf(caller: Caller, request: FastifyRequest): Promise<HttpRefusal | undefined>;
  /** Has the log say why a request is refused. */
  explain(request: FastifyRequest, why: string): void;
  readonly streams: OpenStreams;
}

/** Characters of a URL: ours are short, and links of exports not much longer. */
const maxUrlLength = 4_096;
/** Wrong credentials a minute from one address. */
const usualRefusedPerMinute = 300;

const tooMany = ({ message, seconds }: Wait): HttpRefusal => ({
  status: 429,
  code: serverError,
  message,
  headers: { 'retry-after': String(seconds) },
});

/** Why a request is refused because of its URL. */
export function refusalOfLength(url: string): HttpRefusal | undefined {
  if (url.length <= maxUrlLength) return undefined;
  const message = `The URL has more than ${maxUrlLength} characters: send less.`;
  return { status: 414, code: INVALID_REQUEST, message };
}

/** Disconnects clients that take nothing of their answer for so long, ms. */
function watchReaders(server: FastifyInstance, stallMs: number): void {
  server.addHook('onRequest', ({ raw: { socket } }, { raw: response }, done) => {
    // It fires when nothing was sent or received for so long. With nothing to send, that is how streams are.
    response.setTimeout(stallMs, () => {
      if (socket.writableLength > 0) socket.destroy();
    });
    done();
  });
}

/**
 * Bounds the requests of a server that does not listen yet, and logs those that are refused.
 * @param isExempt which paths are answered under any load
 */
export function limitHttp(
  server: FastifyInstance,
  app: App,
  callerOf: (request: FastifyRequest) => Caller | undefined,
  isExempt: (path: string) => boolean,
): HttpLimits {
  const { config, log, metrics } = app;
  const hit = (limit: string) => () => metrics?.limitHit(limit);
  const reasons = new WeakMap<FastifyRequest, string>();
  server.server.maxConnections = config.httpConnections;
  logRequests(server, {
    isOn: config.accessLog,
    log,
    callerOf,
    reasonOf: (request) => reasons.get(request),
    ...(metrics && { answered: metrics.request }),
  });
  watchReaders(server, config.httpStallMs);
  shedLoad(server, {
    maxDelayMs: config.maxEventLoopDelayMs,
    maxMemoryMb: config.maxMemoryMb,
    isExempt,
    hit: hit('pressure'),
    log,
  });
  const strangersBy = (what: string) =>
    createStrangers({
      what,
      get perMinute() {
        return config.limits.refusedPerMinute ?? usualRefusedPerMinute;
      },
      hit: hit('refusedPerMinute'),
      log,
    });
  const strangers = strangersBy('wrong credentials');
  const notFound = strangersBy('requests for what does not exist');
  return {
    explain: (request, why) => void reasons.set(request, why),
    refusalOfStranger({ ip, headers }) {
      const wait = strangers.waitOf(ip, headers);
      return wait && tooMany(wait);
    },
    stranger: ({ ip, headers }) => strangers.refused(ip, headers),
    notFound({ ip }, refusal) {
      const wait = notFound.waitOf(ip, {});
      if (wait) return tooMany(wait);
      notFound.refused(ip, {});
      return refusal;
    },
    async refusalOf(caller, { headers }) {
      strangers.known(caller.id, headers);
      const wait = await app.limits.request(caller);
      return wait && tooMany(wait);
    },
    streams: createOpenStreams({
      most: config.httpStreams,
      mostPerCaller: config.httpStreamsPerCaller,
      hit: hit('httpStreams'),
    }),
  };
}
