import { type Call, callerInLog, type Operation, within } from './call.ts';
import type { Calls } from './calls.ts';
import type { Config } from './config.ts';
import { callCancelled, callLate, HydrogenError } from './errors.ts';
import { machineTrouble } from './file-errors.ts';
import { assertOffered, type Guarded } from './policy/permissions.ts';
import { QuestionPending } from './policy/question-pending.ts';

/** A request as permissions, the log and errors see it. */
export interface DispatchRequest {
  readonly kind: 'tool' | 'resource' | 'prompt' | 'command';
  readonly action: 'list' | 'call' | 'read' | 'get' | 'complete' | 'subscribe' | 'run';
  /** Absent for lists. */
  readonly name?: string;
  readonly operation: Operation;
  /** Tools that must all be offered to the caller. */
  readonly needs: readonly Guarded[];
  /** Time limit, ms; by default `callTimeoutMs`. */
  readonly limitMs?: number;
  /** What the caller can do when the limit is exceeded. */
  readonly lateAdvice?: string | undefined;
  /** As the caller gave them, unchecked. */
  readonly arguments?: unknown;
  /** Nothing of that name is offered to the caller: it is dispatched to be refused. */
  readonly isUnknown?: true;
}

/**
 * What every request passes on its way in: it may refuse it, count it or record it. It does not change what `next`
 * answers or throws.
 */
export type Middleware = <T>(
  request: DispatchRequest,
  call: Call,
  next: (call: Call) => Promise<T>,
) => Promise<T>;

export interface DispatchContext {
  readonly config: Config;
  /** The first is passed first. What is not offered to the caller is refused behind all of them. */
  readonly middleware: readonly Middleware[];
  /** Ends the work when the server shuts down. Absent for a run's steps: the run resumes at the next start. */
  readonly calls?: Calls;
}

/** Characters of a name in the log: clients may send any. */
const maxNameLength = 200;

const tryAgain =
  'Try again; if this happens often, raise callTimeoutMs (HYDROGEN_CALL_TIMEOUT_MS) on the server.';

/** The same error with advice that fits the request, which the code that stopped the call does not know. */
function withLateAdvice(error: HydrogenError, advice = tryAgain): HydrogenError {
  if (error.reason !== 'late' || !error.lacksAdvice) return error;
  return callLate({ advice, cause: error.cause ?? error });
}

/** The error as the caller may see it. Only errors written for callers keep their message. */
export function forCaller(error: unknown, call: Call): HydrogenError {
  if (error instanceof HydrogenError && error.code !== 'internal') return error;
  if (call.signal.aborted) return callCancelled(error);
  const trouble = machineTrouble(error);
  if (trouble !== undefined) return new HydrogenError('unavailable', trouble, { cause: error });
  return new HydrogenError(
    'internal',
    'The server failed on this call; its log (stderr) has the details. The arguments are not known to be at fault.',
    { cause: error },
  );
}

/** A command may show more than a client may see, and the command line words the error itself. */
function shapedFor({ kind, lateAdvice }: DispatchRequest, error: unknown, call: Call): unknown {
  return kind === 'command' ? error : withLateAdvice(forCaller(error, call), lateAdvice);
}

function logFailure(entry: object, error: unknown, { kind }: DispatchRequest, { log }: Call): void {
  const code = error instanceof HydrogenError ? error.code : 'internal';
  const cause = error instanceof HydrogenError ? error.cause : error;
  const level = code === 'internal' && kind !== 'command' ? 'error' : 'info';
  log[level]({ ...entry, code, ...(cause !== undefined && { err: cause }) }, 'refused or failed');
}

/**
 * The single entry point: every client request, command and workflow step passes through here. It checks what the
 * caller may do, sets the deadline, ends the work when the server shuts down, writes one log line and words errors
 * for the caller.
 * @throws HydrogenError with a message the caller may see; QuestionPending if a person must be asked first; for a
 * command, whatever the work throws
 */
export async function dispatch<T>(
  { config, calls, middleware }: DispatchContext,
  request: DispatchRequest,
  call: Call,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const { kind, action, name, operation, needs, limitMs = config.callTimeoutMs } = request;
  // The request's id over HTTP is another one, and in every line.
  const { request: rpc, ...origin } = call.origin ?? {};
  const entry = () => ({
    kind,
    action,
    ...(name !== undefined && { name: name.slice(0, maxNameLength) }),
    operation,
    ...callerInLog(call.caller),
    ...origin,
    ...(rpc !== undefined && { rpc }),
    ms: Math.round(performance.now() - started),
  });
  const admitted = async (passed: Call): Promise<T> => {
    for (const tool of needs) assertOffered(tool, config, passed.caller);
    const limited = within(passed, limitMs);
    return calls ? calls.run(operation, limited, work) : work(limited);
  };
  const enter = middleware.reduceRight<(call: Call) => Promise<T>>(
    (next, around) => (passed) => around(request, passed, next),
    admitted,
  );
  try {
    const answer = await enter(call);
    call.log.info(entry(), 'answered');
    return answer;
  } catch (error) {
    if (error instanceof QuestionPending) {
      call.log.info(entry(), 'waiting for confirmation');
      throw error;
    }
    const shown = shapedFor(request, error, call);
    logFailure(entry(), shown, request, call);
    throw shown;
  }
}
