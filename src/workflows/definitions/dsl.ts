/** The supported parts of a validated DSL definition. */
export interface Definition {
  readonly document: {
    readonly name: string;
    readonly version: string;
    readonly title?: string;
    readonly summary?: string;
  };
  readonly evaluate?: { readonly language?: string; readonly mode?: 'strict' | 'loose' };
  readonly input?: Described & { readonly from?: unknown };
  readonly output?: Described & { readonly as?: unknown };
  readonly timeout?: string | Timeout;
  readonly use?: Reusable;
  readonly do: TaskList;
}

/** What of a definition has a schema: JSON Schema 2020-12, or draft 7 where it says so. */
export interface Described {
  readonly schema?: { readonly document?: unknown };
}

interface Timeout {
  readonly after: Duration;
}

/** What a definition names once, for its tasks to use. */
export interface Reusable {
  readonly errors?: Readonly<Record<string, ErrorDefinition>>;
  readonly retries?: Readonly<Record<string, RetryPolicy>>;
  readonly timeouts?: Readonly<Record<string, Timeout>>;
}

/** Its texts may be expressions. */
export interface ErrorDefinition {
  readonly type: string;
  readonly status: number;
  readonly title?: string;
  readonly detail?: string;
}

export interface RetryPolicy {
  readonly when?: string;
  readonly exceptWhen?: string;
  readonly delay?: Duration;
  readonly backoff?: { readonly constant?: object; readonly exponential?: object; readonly linear?: object };
  readonly limit?: {
    readonly attempt?: { readonly count?: number; readonly duration?: Duration };
    readonly duration?: Duration;
  };
  readonly jitter?: { readonly from: Duration; readonly to: Duration };
}

export type TaskList = readonly Readonly<Record<string, Task>>[];

/** What tasks of all kinds have. What else a kind has is in `tasks/`. */
export interface Task {
  readonly if?: string;
  readonly input?: Described & { readonly from?: unknown };
  readonly output?: Described & { readonly as?: unknown };
  readonly export?: Described & { readonly as?: unknown };
  readonly timeout?: string | Timeout;
  readonly then?: string;
}

/** A call of a function in a definition. */
export interface FunctionCall {
  /** The JSON pointer of its task. */
  readonly place: string;
  readonly name: string;
  /** The names of its arguments. */
  readonly args: readonly string[];
}

/** ISO 8601, or the DSL's object form. */
export type Duration =
  | string
  | {
      readonly days?: number;
      readonly hours?: number;
      readonly minutes?: number;
      readonly seconds?: number;
      readonly milliseconds?: number;
    };

/** The name and the task of a list item. */
export function entryOf(item: TaskList[number]): readonly [string, Task] {
  const entry = Object.entries(item)[0];
  if (!entry) throw new Error('an empty task item in a validated definition');
  return entry;
}

const iso =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** In milliseconds, of a definition that was checked. */
export function durationOf(duration: Duration): number {
  const length = milliseconds(duration);
  if (length === undefined) throw new Error('no duration in a checked definition');
  return length;
}

/** In milliseconds; undefined where there is none. */
export function timeoutOf(timeout: string | Timeout | undefined, use: Reusable = {}): number | undefined {
  const named = typeof timeout === 'string' ? use.timeouts?.[timeout] : timeout;
  return named && durationOf(named.after);
}

/** In milliseconds; undefined for anything but a duration in weeks or smaller units: longer ones vary. */
export function milliseconds(duration: Duration): number | undefined {
  if (typeof duration === 'string') {
    const found = iso.exec(duration);
    if (!found || duration === 'P' || duration.endsWith('T')) return undefined;
    const parts = found.slice(1).map((part) => Number(part ?? 0));
    const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts;
    return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  }
  const { days = 0, hours = 0, minutes = 0, seconds = 0 } = duration;
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + (duration.milliseconds ?? 0);
}
