import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { collectGarbage } from '../garbage.ts';
import type { Logger } from '../observability/log.ts';

interface PressureOptions {
  /** Mean delay of the event loop over a second, ms; 0 for no limit. */
  readonly maxDelayMs: number;
  /** Resident memory; undefined for no limit. */
  readonly maxMemoryMb: number | undefined;
  /** Answered whatever the pressure. */
  readonly isExempt: (path: string) => boolean;
  readonly hit: () => void;
  readonly log: Logger;
}

/** Share of the heap's limit from which on new requests are refused: the process would end at the limit. */
const heapShare = 0.9;
/** Pauses between two log lines, and between two collections of garbage, ms. */
const quietMs = 10_000;

const words = {
  eventLoopDelay: 'later than maxEventLoopDelayMs allows',
  heapUsedBytes: 'short of memory',
  rssBytes: 'above its memory limit (maxMemoryMb)',
} as const;

/**
 * While the process is late or short of memory, refuses new requests before anything is read or computed for them, so that
 * those under way end in time.
 */
export function shedLoad(
  server: FastifyInstance,
  { maxDelayMs, maxMemoryMb, isExempt, hit, log }: PressureOptions,
): void {
  let saidAt = Number.NEGATIVE_INFINITY;
  const message = 'The server has more to do than it can. Nothing was done: try again in a moment.';
  server.register(underPressure, {
    ...(maxDelayMs > 0 && { maxEventLoopDelay: maxDelayMs }),
    ...(maxMemoryMb !== undefined && { maxRssBytes: maxMemoryMb * 1_000_000 }),
    maxHeapUsedBytes: getHeapStatistics().heap_size_limit * heapShare,
    async pressureHandler(request, _reply, type, value) {
      if (isExempt(request.url)) return;
      hit();
      if (performance.now() - saidAt > quietMs) {
        saidAt = performance.now();
        log.warn(
          { type, value },
          `new requests are refused: the process is ${words[type as keyof typeof words]}`,
        );
        // What was freed counts as taken until it is given back.
        if (type !== 'eventLoopDelay') void collectGarbage();
      }
      // The server's own handler of errors answers, with when to try again.
      throw Object.assign(new Error(message), { statusCode: 503 });
    },
  });
}
