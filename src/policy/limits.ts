import { type Call, type Caller, isLocal, type Operation } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import { countRows } from './counted-rows.ts';
import type { Counters, Window } from './counters.ts';

/** How much one caller may use of one operation; what is absent is not limited. */
interface OperationLimits {
  readonly callsPerMinute?: number | undefined;
  readonly callsAtOnce?: number | undefined;
  readonly rowsPerHour?: number | undefined;
  readonly bytesPerHour?: number | undefined;
}

type LimitsByOperation = Readonly<Partial<Record<Operation, OperationLimits | undefined>>>;

/** The setting `limits`. */
export interface LimitSettings extends LimitsByOperation {
  readonly roles?: Readonly<Record<string, LimitsByOperation>> | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly exportBytes?: number | undefined;
  readonly callsInAll?: number | undefined;
}

type LimitName = 'requestsPerMinute' | 'callsInAll' | keyof OperationLimits;

/** What limits need to know of a request. */
interface LimitedRequest {
  readonly kind: string;
  readonly operation: Operation;
}

/** Why something has to wait, and for how long. */
export interface Wait {
  readonly message: string;
  readonly seconds: number;
}

export interface CallerLimits {
  /**
   * Admits a request within its caller's limits, and counts the rows that it touches or returns. Commands, which are the
   * owner's at this machine, pass.
   * @throws HydrogenError `too_many`, which says what to wait for
   */
  readonly middleware: <T>(
    request: LimitedRequest,
    call: Call,
    next: (call: Call) => Promise<T>,
  ) => Promise<T>;
  /** Counts an HTTP request of a caller. @returns why it has to wait, if it has */
  request(caller: Caller): Promise<Wait | undefined>;
  /** Counts the text of an answer that goes out to the caller. */
  sent(operation: Operation, caller: Caller, bytes: number): void;
  /** Bytes of exports that a caller may have at once; undefined where nothing limits them. */
  exportBytes(caller: Caller): number | undefined;
  /** Calls under way. */
  readonly underWay: number;
}

export interface LimitsOptions {
  /** Looked at anew for each request: they may change. */
  readonly settings: LimitSettings;
  readonly counters: Counters;
  /** Hears of each refusal. */
  readonly hit?: (limit: LimitName, operation?: Operation) => void;
}

/** Of callers over the network, where the settings say nothing; who is at this machine has none of these. */
const usual = { requestsPerMinute: 12_000, exportBytes: 256_000_000 } as const;
const usualOfOperation = { callsPerMinute: 6_000, callsAtOnce: 32 } as const;
/** Of all callers together. */
const usualCallsInAll = 512;

const secondsOf = ({ endsInMs }: { readonly endsInMs: number }): number =>
  Math.max(1, Math.ceil(endsInMs / 1_000));

/** How long somebody has to wait, in words. */
export function inTime(seconds: number): string {
  if (seconds <= 120) return `in ${seconds} s`;
  return seconds <= 2 * 3_600
    ? `in ${Math.ceil(seconds / 60)} minutes`
    : `in ${Math.ceil(seconds / 3_600)} hours`;
}

const words = {
  callsPerMinute: 'calls a minute',
  rowsPerHour: 'rows an hour',
  bytesPerHour: 'bytes of answers an hour',
} as const;

export function createLimits(options: LimitsOptions): CallerLimits {
  const { counters, hit = () => {} } = options;
  /** Calls under way by caller and operation; those without any are not there. */
  const open = new Map<string, number>();
  let all = 0;

  /** Where a role says something, that holds: of several the most generous, as in all that roles grant. */
  function limitsOf(caller: Caller, operation: Operation): OperationLimits {
    const { roles = [] } = caller;
    const { settings } = options;
    const given = settings[operation] ?? {};
    const general = isLocal(caller) ? given : { ...usualOfOperation, ...given };
    const { roles: byRole = {} } = settings;
    const own = roles.flatMap((role) =>
      Object.hasOwn(byRole, role) ? [byRole[role]?.[operation] ?? {}] : [],
    );
    if (own.length === 0) return general;
    const most = (name: keyof OperationLimits): number | undefined => {
      const values = own.flatMap((limits) => limits[name] ?? []);
      return values.length > 0 ? Math.max(...values) : general[name];
    };
    return {
      callsPerMinute: most('callsPerMinute'),
      callsAtOnce: most('callsAtOnce'),
      rowsPerHour: most('rowsPerHour'),
      bytesPerHour: most('bytesPerHour'),
    };
  }

  function refused(limit: LimitName, operation: Operation, message: string): HydrogenError {
    hit(limit, operation);
    return new HydrogenError('too_many', message);
  }

  /** @returns what ends its place among the calls under way. @throws HydrogenError */
  function enter(operation: Operation, caller: Caller, { callsAtOnce }: OperationLimits): () => void {
    const { callsInAll = usualCallsInAll } = options.settings;
    if (all >= callsInAll) {
      const message = `The server has ${callsInAll} calls under way, the most that it takes (setting limits.callsInAll). Nothing was done: try again in a moment.`;
      throw refused('callsInAll', operation, message);
    }
    const key = `${operation} ${caller.id}`;
    const own = open.get(key) ?? 0;
    if (callsAtOnce !== undefined && own >= callsAtOnce) {
      const message = `You have ${own} calls of the operation "${operation}" under way, the most at once (setting limits.${operation}.callsAtOnce). Nothing was done: try again when one of them has ended.`;
      throw refused('callsAtOnce', operation, message);
    }
    all++;
    open.set(key, own + 1);
    return () => {
      all--;
      const left = (open.get(key) ?? 1) - 1;
      if (left === 0) open.delete(key);
      else open.set(key, left);
    };
  }

  const keyOf = (operation: Operation, what: string, caller: Caller): string =>
    `${operation} ${what} ${caller.id}`;

  /** Counts the call, and looks whether what earlier ones used leaves room for it. @throws HydrogenError */
  async function admit(operation: Operation, caller: Caller, limits: OperationLimits): Promise<void> {
    async function check(
      name: keyof typeof words,
      window: Window,
      amount: number,
    ): Promise<HydrogenError | undefined> {
      const most = limits[name];
      if (most === undefined) return undefined;
      const count = await counters.add(keyOf(operation, name, caller), amount, window);
      // What a call will use is not known before it: it is let in while there is anything left.
      const isOver = amount > 0 ? count.used > most : count.used >= most;
      if (!isOver) return undefined;
      const message = `You have used up your ${most} ${words[name]} of the operation "${operation}" (setting limits.${operation}.${name}). Nothing was done: try again ${inTime(secondsOf(count))}.`;
      return refused(name, operation, message);
    }
    const found = await Promise.all([
      check('callsPerMinute', 'minute', 1),
      check('rowsPerHour', 'hour', 0),
      check('bytesPerHour', 'hour', 0),
    ]);
    const refusal = found.find((one) => one !== undefined);
    if (refusal) throw refusal;
  }

  function use(operation: Operation, name: 'rowsPerHour' | 'bytesPerHour', caller: Caller, amount: number) {
    if (amount === 0 || limitsOf(caller, operation)[name] === undefined) return;
    // The caller does not wait for it; counters do not fail.
    void counters.add(keyOf(operation, name, caller), amount, 'hour');
  }

  return {
    get underWay() {
      return all;
    },
    async middleware({ kind, operation }, call, next) {
      if (kind === 'command') return next(call);
      const { caller } = call;
      const limits = limitsOf(caller, operation);
      const leave = enter(operation, caller, limits);
      try {
        await admit(operation, caller, limits);
        if (limits.rowsPerHour === undefined) return await next(call);
        return await countRows(call, next, (rows) => use(operation, 'rowsPerHour', caller, rows));
      } finally {
        leave();
      }
    },
    async request(caller) {
      const most =
        options.settings.requestsPerMinute ?? (isLocal(caller) ? undefined : usual.requestsPerMinute);
      if (most === undefined) return undefined;
      const count = await counters.add(`requests ${caller.id}`, 1, 'minute');
      if (count.used <= most) return undefined;
      hit('requestsPerMinute');
      const seconds = secondsOf(count);
      const message = `You have used up your ${most} requests a minute (setting limits.requestsPerMinute). Nothing was done: try again ${inTime(seconds)}.`;
      return { message, seconds };
    },
    exportBytes: (caller) =>
      options.settings.exportBytes ?? (isLocal(caller) ? undefined : usual.exportBytes),
    sent: (operation, caller, bytes) => use(operation, 'bytesPerHour', caller, bytes),
  };
}
