// A match cannot be interrupted, so a thread publishes that it is inside one, and another thread may terminate it.

let shared: Int32Array | undefined;
let matches = 0;

/**
 * From now on the first element of `to`, in shared memory, is the number of the match this thread is running,
 * or 0. Without `to`, publishing stops.
 */
export function reportMatches(to: Int32Array | undefined): void {
  shared = to;
}

function begin(to: Int32Array): void {
  matches = (matches % 0x7fffffff) + 1;
  Atomics.store(to, 0, matches);
}

/** `regex.test(text)`, visible to other threads while it runs. */
export function testText(regex: RegExp, text: string): boolean {
  if (shared === undefined) return regex.test(text);
  begin(shared);
  const found = regex.test(text);
  Atomics.store(shared, 0, 0);
  return found;
}

/** `regex.exec(text)`, visible to other threads while it runs. */
export function execText(regex: RegExp, text: string): RegExpExecArray | null {
  if (shared === undefined) return regex.exec(text);
  begin(shared);
  const found = regex.exec(text);
  Atomics.store(shared, 0, 0);
  return found;
}
