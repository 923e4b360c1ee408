import { type Call, type Operation, within } from './call.ts';
import type { Calls } from './calls.ts';
import type { Config } from './config.ts';
import { callCancelled, callLate, HydrogenError } from './errors.ts';
import { machineTrouble } from './file-errors.ts';
import { assertOffered, type Guarded } from './policy/permissions.ts';
import { QuestionPending } from './policy/question.ts';

/** What somebody asks for, as permissions, the log and errors see it. */
export interface DispatchRequest {
  readonly kind: 'tool' | 'resource' | 'prompt' | 'command';
  readonly action: 'list' | 'call' | 'read' | 'get' | 'complete' | 'run';
  /** Absent for a list. */
  readonly name?: string;
  readonly operation: Operation;
  /** Tools that must all be offered to the caller. */
  readonly needs: readonly Guarded[];
  /** How long it may take, ms; `callTimeoutMs` where nothing else is said. */
  readonly limitMs?: number;
  /** What to do when it took longer than that. */
  readonly lateAdvice?: string | undefined;
}

export interface DispatchContext {
  readonly config: Config;
  /** Where the end of the server ends the work. Absent for the steps of a run, which goes on at the next start. */
  readonly calls?: Calls;
}

/** Characters of a name in the log: a client may ask for any. */
const maxNameLength = 200;

const tryAgain =
  'Try again; where it happens often, the server needs a longer callTimeoutMs (HYDROGEN_CALL_TIMEOUT_MS).';

/** The same error with advice that fits the request: what stopped the call does not know what it was stopped for. */
function withLateAdvice(error: HydrogenError, advice = tryAgain): HydrogenError {
  if (error.reason !== 'late' || !error.lacksAdvice) return error;
  return callLate({ advice, cause: error.cause ?? error });
}

/** What happened, in words for the caller: only errors that were written for one keep theirs. */
export function forCaller(error: unknown, call: Call): HydrogenError {
  if (error instanceof HydrogenError && error.code !== 'internal') return error;
  if (call.signal.aborted) return callCancelled(error);
  const trouble = machineTrouble(error);
  if (trouble !== undefined) return new HydrogenError('unavailable', trouble, { cause: error });
  return new HydrogenError(
    'internal',
    'The server failed at this call; its log (stderr) has the details. Nothing is known to be wrong with the arguments.',
    { cause: error },
  );
}

/** Whoever types a command may see more than a client, and is told by the command line itself. */
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
 * The one way in: every request of a client, every command and every step of a run passes here. It checks what
 * the caller may do, sets the deadline, lets the end of the server end the work, leaves one line in the log, and
 * puts errors into words for the caller.
 * @throws HydrogenError whose message may be shown to the caller; QuestionPending when a person must be asked
 * first; for a command, whatever the work throws.
 */
export async function dispatch<T>(
  { config, calls }: DispatchContext,
  request: DispatchRequest,
  call: Call,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const { kind, action, name, operation, needs, limitMs = config.callTimeoutMs } = request;
  const entry = () => ({
    kind,
    action,
    ...(name !== undefined && { name: name.slice(0, maxNameLength) }),
    operation,
    caller: call.caller.id,
    ms: Math.round(performance.now() - started),
  });
  try {
    for (const tool of needs) assertOffered(tool, config, call.caller);
    const limited = within(call, limitMs);
    const answer = await (calls ? calls.run(operation, limited, work) : work(limited));
    call.log.info(entry(), 'answered');
    return answer;
  } catch (error) {
    if (error instanceof QuestionPending) {
      call.log.info(entry(), 'waits for a confirmation');
      throw error;
    }
    const shown = shapedFor(request, error, call);
    logFailure(entry(), shown, request, call);
    throw shown;
  }
}
