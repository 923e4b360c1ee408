import { AsyncLocalStorage } from 'node:async_hooks';
import { withWrappedMethods } from './wrapped-methods.ts';

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

/** The same object, with a span for each call of these methods. They do not use `this`. */
export const withSpans = <T extends object>(
  inner: T,
  names: readonly (keyof T & string)[],
  optionsOf: (name: string) => SpanOptions,
): T => withWrappedMethods(inner, names, (name, _args, work) => inSpan(() => optionsOf(name), work));
