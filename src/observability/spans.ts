import { AsyncLocalStorage } from 'node:async_hooks';

/** A stretch of work as a trace shows it. */
export interface SpanOptions {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** `client`: another program does the work. `server`: only where no span is around it. */
  readonly kind: 'server' | 'client' | 'internal';
}

export type InSpan = <T>(options: SpanOptions, work: () => Promise<T>) => Promise<T>;

const tracers = new AsyncLocalStorage<InSpan>();

/** Has all that the work does make its spans by `tracer`. */
export const tracedBy = <T>(tracer: InSpan, work: () => Promise<T>): Promise<T> => tracers.run(tracer, work);

/** Does work in a span below that of the request which it belongs to; without one, where nobody traces it. */
export function inSpan<T>(options: () => SpanOptions, work: () => Promise<T>): Promise<T> {
  const tracer = tracers.getStore();
  return tracer ? tracer(options(), work) : work();
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** The same object, with a span for each call of these methods. They do not use `this`. */
export function withSpans<T extends object>(
  inner: T,
  names: readonly (keyof T & string)[],
  optionsOf: (name: string) => SpanOptions,
): T {
  const wrapped = names.map((name) => {
    const method = inner[name] as Method;
    const spanned: Method = (...args) =>
      inSpan(
        () => optionsOf(name),
        () => method(...args),
      );
    return [name, spanned] as const;
  });
  return { ...inner, ...Object.fromEntries(wrapped) };
}
