// Of the store threads of a process that read, one at a time may have a large heap, so that several queries which gather much do
// not take several times the memory. The turn is a number in shared memory: the thread that has it, or 0.

const waitMs = 50;

/** One for the process. */
export const largeTurnOfProcess = new Int32Array(new SharedArrayBuffer(4));

/** Waits for the turn, unless `thread` has it; `tick` ends the wait by throwing. */
export function takeLargeTurn(turn: Int32Array, thread: number, tick: () => void): void {
  for (;;) {
    const owner = Atomics.compareExchange(turn, 0, 0, thread);
    if (owner === 0 || owner === thread) return;
    tick();
    Atomics.wait(turn, 0, owner, waitMs);
  }
}

/** Gives the turn back, also for a thread that was ended in the middle of its work. */
export function giveLargeTurn(turn: Int32Array, thread: number): void {
  if (Atomics.compareExchange(turn, 0, thread, 0) === thread) Atomics.notify(turn, 0);
}
