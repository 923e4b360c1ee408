// Among the read threads of a process, only one at a time may have a large heap, so that several queries that gather a
// lot do not multiply the memory. The turn is a number in shared memory: the thread that has it, or 0.

const waitMs = 50;

/** One per process. */
export const largeTurnOfProcess = new Int32Array(new SharedArrayBuffer(4));

/** Waits for the turn unless `thread` has it; `tick` ends the wait by throwing. */
export function takeLargeTurn(turn: Int32Array, thread: number, tick: () => void): void {
  for (;;) {
    const owner = Atomics.compareExchange(turn, 0, 0, thread);
    if (owner === 0 || owner === thread) return;
    tick();
    Atomics.wait(turn, 0, owner, waitMs);
  }
}

/** Gives the turn back, even for a thread that was terminated while working. */
export function giveLargeTurn(turn: Int32Array, thread: number): void {
  if (Atomics.compareExchange(turn, 0, thread, 0) === thread) Atomics.notify(turn, 0);
}
