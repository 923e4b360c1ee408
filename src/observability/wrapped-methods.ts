/** What is done around a call of a method; it does not change what the work answers or throws. */
export type Around = (
  name: string,
  args: readonly unknown[],
  work: () => Promise<unknown>,
) => Promise<unknown>;

type Method = (...args: unknown[]) => Promise<unknown>;

/** The same object, with something around each call of these methods. They do not use `this`. */
export function withWrappedMethods<T extends object>(
  inner: T,
  names: readonly (keyof T & string)[],
  around: Around,
): T {
  const wrapped = names.map((name) => {
    const method = inner[name] as Method;
    const outer: Method = (...args) => around(name, args, () => method(...args));
    return [name, outer] as const;
  });
  return { ...inner, ...Object.fromEntries(wrapped) };
}
