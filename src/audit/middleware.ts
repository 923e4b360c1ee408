import { randomBytes } from 'node:crypto';
import type { Asking, Call, TouchedData } from '../call.ts';
import type { Config } from '../config.ts';
import { type DispatchRequest, forCaller, type Middleware } from '../dispatch.ts';
import { HydrogenError } from '../errors.ts';
import { redacted, withoutCredentials } from '../observability/redact.ts';
import { offered } from '../policy/permissions.ts';
import { QuestionPending } from '../policy/question-pending.ts';
import { auditedArguments } from './arguments.ts';
import type { CodingKey } from './chain.ts';
import type { AuditFacts, Confirmation } from './record.ts';
import type { AuditWriter } from './writer.ts';

interface MiddlewareParts {
  readonly config: Config;
  readonly level: 'changes' | 'all';
  readonly key: CodingKey;
  readonly writer: Pick<AuditWriter, 'append'>;
}

/** Characters of a name, and of one that is searched for credentials: clients may send any. */
const [maxName, maxSearched] = [200, 2_000];
const shownName = (name: string): string => withoutCredentials(name.slice(0, maxSearched)).slice(0, maxName);
/** Things that a record lists as touched. */
const maxTouched = 100;

/** What becomes known of a call while it goes on. */
interface Observed {
  /** The call that tells it. */
  readonly call: Call;
  facts(): Pick<AuditFacts, 'touched' | 'rows' | 'confirmation'>;
}

/** The way to a person, whose answer is kept; also one that came with this call. */
function observedAsking(asking: Asking, keep: (confirmation: Confirmation) => void): Asking {
  const by = asking.byToken ? 'token' : 'person';
  if (asking.reply) keep({ by, answer: asking.reply.answer });
  return {
    ...asking,
    async ask(question, waitMs) {
      const reply = await asking.ask(question, waitMs);
      keep({ by, answer: reply.answer });
      return reply;
    },
  };
}

function observe(call: Call): Observed {
  const touched = new Map<string, number>();
  let [rows, isTouched] = [0, false];
  let confirmation: Confirmation | undefined;
  const keep = (given: Confirmation): void => {
    confirmation = given;
  };
  const hear = (one: TouchedData): void => {
    call.touched?.(one);
    isTouched = true;
    rows += one.rows;
    const known = touched.get(one.what);
    if (known !== undefined || touched.size < maxTouched) touched.set(one.what, (known ?? 0) + one.rows);
  };
  return {
    call: { ...call, touched: hear, ...(call.asking && { asking: observedAsking(call.asking, keep) }) },
    facts: () => ({
      ...(isTouched && { rows, touched: [...touched].map(([what, of]) => ({ what, rows: of })) }),
      ...(confirmation && { confirmation }),
    }),
  };
}

/** Who has asked for what. */
function whoAndWhat(
  { kind, action, name, operation }: DispatchRequest,
  { caller, origin }: Call,
): AuditFacts {
  const { id, name: called, roles } = caller;
  return {
    event: 'begun',
    call: randomBytes(9).toString('base64url'),
    ...redacted(origin),
    caller: { id, ...(called !== undefined && { name: called }), ...(roles && { roles }) },
    kind,
    action,
    operation,
    ...(name !== undefined && { name: shownName(name) }),
  };
}

function unrecorded(cause: unknown, isDone: boolean): HydrogenError {
  const why = cause instanceof HydrogenError ? ` ${cause.message}` : '';
  const what = isDone ? 'The answer is withheld' : 'Nothing was done';
  return new HydrogenError(
    'unavailable',
    `${what}: this server keeps an audit record, which cannot be written now.${why}`,
    { cause },
  );
}

/** What nobody is told of, since the caller has its answer in any case. */
const reported =
  (call: Call, what: string) =>
  (err: unknown): void =>
    call.log.error({ err }, what);

/**
 * Records what passes. What may change something is recorded before it is begun, or not done; its end is recorded before
 * it is answered. Where the end cannot be recorded, the answer is given all the same: what is done is done, and a caller
 * that was told otherwise would do it again.
 */
export function createAuditMiddleware({ config, level, key, writer }: MiddlewareParts): Middleware {
  /** Records something with the arguments of the request. */
  function append({ arguments: given }: DispatchRequest, facts: AuditFacts): Promise<void> {
    const recorded = auditedArguments(given, config.auditArguments, key);
    return writer.append({ ...facts, ...recorded.facts }, recorded.argumentsText);
  }

  async function refused(request: DispatchRequest, call: Call, facts: AuditFacts): Promise<void> {
    await append(request, { ...facts, event: 'refused' }).catch(
      reported(call, 'a refused call could not be recorded'),
    );
  }

  /** Whether it is refused as such: it is not offered, or not allowed to the caller. */
  const isRefusal = (request: DispatchRequest, { code }: HydrogenError): boolean =>
    request.isUnknown === true || code === 'not_allowed';

  async function passRead<T>(
    request: DispatchRequest,
    call: Call,
    next: (call: Call) => Promise<T>,
  ): Promise<T> {
    const started = performance.now();
    const observed = level === 'all' ? observe(call) : undefined;
    const facts = (outcome: AuditFacts['outcome']): AuditFacts => ({
      ...whoAndWhat(request, call),
      ...observed?.facts(),
      ...(outcome && { outcome }),
      ms: Math.round(performance.now() - started),
    });
    const record = (outcome: AuditFacts['outcome']): Promise<void> =>
      append(request, { ...facts(outcome), event: 'read' });
    let answer: T;
    try {
      answer = await next(observed?.call ?? call);
    } catch (error) {
      const shown = forCaller(error, call);
      if (isRefusal(request, shown)) await refused(request, call, facts(shown.code));
      else if (observed) await record(shown.code).catch(reported(call, 'a read could not be recorded'));
      throw error;
    }
    if (observed) {
      await record('ok').catch((error: unknown) => {
        throw unrecorded(error, true);
      });
    }
    return answer;
  }

  async function passChange<T>(
    request: DispatchRequest,
    call: Call,
    next: (call: Call) => Promise<T>,
  ): Promise<T> {
    const started = performance.now();
    const facts = whoAndWhat(request, call);
    await append(request, facts).catch((error: unknown) => {
      throw unrecorded(error, false);
    });
    const observed = observe(call);
    const end = (event: 'ended' | 'asked', more: AuditFacts | object): Promise<void> =>
      writer
        .append({
          ...facts,
          ...observed.facts(),
          ...more,
          event,
          ms: Math.round(performance.now() - started),
        })
        .catch(reported(call, 'the end of a call could not be recorded'));
    try {
      const answer = await next(observed.call);
      await end('ended', { outcome: 'ok' });
      return answer;
    } catch (error) {
      if (error instanceof QuestionPending) await end('asked', {});
      else await end('ended', { outcome: forCaller(error, call).code });
      throw error;
    }
  }

  /** A plain read leaves nothing behind. */
  const isPlainRead = ({ operation, action, needs }: DispatchRequest): boolean =>
    operation === 'read' && !(action === 'call' && needs.some(({ leavesFile }) => leavesFile));

  return async (request, call, next) => {
    if (isPlainRead(request)) return passRead(request, call, next);
    // What is not offered does not begin.
    const isOffered = request.needs.every((tool) => offered(tool, config, call.caller));
    return isOffered ? passChange(request, call, next) : passRead(request, call, next);
  };
}
