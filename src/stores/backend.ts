import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import type { Call } from '../call.ts';
import { duringCall, throwIfCallEnded } from '../call-end.ts';
import { callCancelled, callLate, HydrogenError } from '../errors.ts';
import { inSpan } from '../observability/spans.ts';

/** What a server has last shown of itself. `since` in ms since the epoch: when the first call failed after the last that did not. */
export type BackendState =
  | { readonly state: 'unused' | 'up' }
  | { readonly state: 'down'; readonly since: number; readonly why: string };

interface UseOptions {
  /** Doing it twice is the same as doing it once: it is repeated when the server fails. */
  readonly repeatable?: boolean;
  /** Instead of the backend's limit, for what takes longer, ms. */
  readonly timeoutMs?: number;
}

/** A server that this one depends on, and the one policy by which it is called. */
export interface Backend {
  /**
   * Does work on the server. Work is limited in time, repeated where that is safe, and waits its turn where too much is
   * under way; while the server is known to be down, it fails at once, but for one call a second that tries.
   * @param work gets the call with what it may take; it stops, or is left, when that is over
   * @throws HydrogenError `unavailable` when the server fails; nothing waits longer than the call
   */
  use<T>(call: Call, work: (call: Call) => Promise<T>, options?: UseOptions): Promise<T>;
  state(): BackendState;
}

export interface BackendOptions {
  /** What it is and where it is set, for sentences: `The Qdrant server (setting qdrantUrl)`. */
  readonly name: string;
  /** What a trace calls it, by OpenTelemetry's conventions for databases. */
  readonly system: 'mongodb' | 'qdrant' | 'redis';
  /** How long one attempt may take, ms. */
  readonly timeoutMs: number;
  /** Attempts under way at once; as many as `maxWaiting` wait for their turn. */
  readonly maxConcurrent?: number;
  readonly maxWaiting?: number;
  /** Puts an error of the client into words. `unavailable` is the server's fault, any other code that of the request. */
  inWords(error: unknown, call: Call): HydrogenError;
}

/** Further attempts, and the pauses before them, ms; random, so that many nodes do not come back at once. */
const maxRetries = 2;
const pauses = { initialDelay: 50, maxDelay: 500 };
/** So many failures in a row open the circuit; after the pause, ms, one call tries again. */
const failuresToOpen = 5;
const halfOpenAfterMs = 1_000;

const isOutage = (error: unknown): error is HydrogenError =>
  error instanceof HydrogenError && error.code === 'unavailable';

/** What says nothing of the server. */
const isOfCall = ({ code }: HydrogenError): boolean => code === 'cancelled' || code === 'timeout';

/** Time of day in UTC. */
const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(11, 16)} UTC`;

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

export function createBackend(options: BackendOptions): Backend {
  const { name, system, timeoutMs, maxConcurrent = 64, maxWaiting = 1_000, inWords } = options;
  let state: BackendState = { state: 'unused' };
  let lastFailure: HydrogenError | undefined;

  const turn = bulkhead(maxConcurrent, maxWaiting);
  const circuit = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: halfOpenAfterMs,
    breaker: new ConsecutiveBreaker(failuresToOpen),
  });
  const again = retry(handleWhen(isOutage), {
    maxAttempts: maxRetries,
    backoff: new ExponentialBackoff(pauses),
  });
  // Nothing has been sent yet, so that even what must not be done twice may be tried again.
  const connectAgain = retry(
    handleWhen((error) => isOutage(error) && error.reason === 'not_sent'),
    { maxAttempts: maxRetries, backoff: new ExponentialBackoff(pauses) },
  );

  const silent = (limitMs: number, cause: unknown): HydrogenError =>
    new HydrogenError(
      'unavailable',
      `${name} does not answer: it was given ${seconds(limitMs)}. Check that it runs and is not overloaded; calls work again as soon as it answers.`,
      { cause },
    );

  /** @param limitMs the limit of the attempt; undefined where that of the call is nearer */
  function failed(error: unknown, call: Call, limitMs: number | undefined): HydrogenError {
    if (error instanceof HydrogenError) return error;
    if (call.signal.aborted) return callCancelled(error);
    if (error instanceof TaskCancelledError) {
      if (limitMs === undefined) return callLate({ cause: error });
      return silent(limitMs, error);
    }
    return Date.now() >= call.deadline ? callLate({ cause: error }) : inWords(error, call);
  }

  function noteFailure(error: HydrogenError): void {
    lastFailure = error;
    const since = state.state === 'down' ? state.since : Date.now();
    state = { state: 'down', since, why: error.message };
  }

  /** Of what the policies themselves refuse: nothing was sent. */
  function refusal(error: unknown): unknown {
    if (error instanceof BrokenCircuitError && lastFailure) {
      const since = state.state === 'down' ? ` (It has failed since ${timeOf(state.since)}.)` : '';
      const message = `${lastFailure.message}${since}`;
      return new HydrogenError('unavailable', message, { reason: 'not_sent', cause: lastFailure });
    }
    if (error instanceof BulkheadRejectedError) {
      const message = `${name} has more to do than it can: ${maxConcurrent + maxWaiting} calls are waiting for it. Try again in a moment.`;
      return new HydrogenError('unavailable', message, { reason: 'not_sent' });
    }
    return error;
  }

  /**
   * One attempt, in what is left of the call, or its own limit. The one that tries whether the server is back has the
   * backend's limit, however long its call is: all others wait for what it learns, even when its own is over.
   */
  async function attempt<T>(call: Call, work: (call: Call) => Promise<T>, wantedMs: number): Promise<T> {
    // It may have waited for its turn.
    throwIfCallEnded(call);
    const isProbe = circuit.state === CircuitState.HalfOpen;
    const limitMs = isProbe ? Math.min(wantedMs, timeoutMs) : wantedMs;
    const leftMs = isProbe ? Number.POSITIVE_INFINITY : Math.max(1, call.deadline - Date.now());
    const givenMs = Math.min(limitMs, leftMs);
    const limit = timeout(givenMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
    const bounds = {
      deadline: Date.now() + givenMs,
      signal: isProbe ? new AbortController().signal : call.signal,
    };
    try {
      const result = await limit.execute(({ signal }) => work({ ...call, ...bounds, signal }), bounds.signal);
      state = { state: 'up' };
      return result;
    } catch (error) {
      const known = failed(error, { ...call, ...bounds }, leftMs > limitMs ? limitMs : undefined);
      // Its time was the backend's, not that of the call.
      const found = isProbe && isOfCall(known) ? silent(limitMs, known) : known;
      if (found.code === 'unavailable') noteFailure(found);
      throw found;
    }
  }

  /** While one call tries whether the server is back, no other waits for what comes of it. */
  function admit(): void {
    if (circuit.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
  }

  return {
    state: () => state,
    async use(call, work, { repeatable = false, timeoutMs: limitMs = timeoutMs } = {}) {
      throwIfCallEnded(call);
      const once = wrap(circuit, turn);
      const policy = repeatable ? again : connectAgain;
      try {
        return await inSpan(
          () => ({ name: system, kind: 'client', attributes: { 'db.system.name': system } }),
          () =>
            duringCall(
              policy.execute(({ signal }) => {
                admit();
                return once.execute(() => attempt(call, work, limitMs), signal);
              }, call.signal),
              call,
            ),
        );
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}
