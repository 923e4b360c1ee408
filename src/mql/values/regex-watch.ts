// Nothing can stop a match from within: a thread says that it is inside one, so that another may end the thread.

let shared: Int32Array | undefined;
let matches = 0;

/**
 * From now on the first element of `to`, in shared memory, is the number of the match that this thread is
 * inside of, and 0 outside. Without `to` nothing is said any more.
 */
export function reportMatches(to: Int32Array | undefined): void {
  shared = to;
}

function begin(to: Int32Array): void {
  matches = (matches % 0x7fffffff) + 1;
  Atomics.store(to, 0, matches);
}

/** `regex.test(text)`, seen by others while it lasts. */
export function testText(regex: RegExp, text: string): boolean {
  if (shared === undefined) return regex.test(text);
  begin(shared);
  const found = regex.test(text);
  Atomics.store(shared, 0, 0);
  return found;
}

/** `regex.exec(text)`, seen by others while it lasts. */
export function execText(regex: RegExp, text: string): RegExpExecArray | null {
  if (shared === undefined) return regex.exec(text);
  begin(shared);
  const found = regex.exec(text);
  Atomics.store(shared, 0, 0);
  return found;
}
