import type { Call } from '../../call.ts';
import { duringCall } from '../../call-end.ts';

/** Does one piece of work after the other, each in its call's time; one whose call ends while it waits is not begun. */
export function inTurn(): <T>(call: Call, work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (call, work) => {
    const before = last;
    const done = (async () => {
      await duringCall(
        before.catch(() => {}),
        call,
      );
      return work();
    })();
    // The next one waits for the work itself, even that of a call that has ended. What it came to is not kept.
    last = Promise.allSettled([before, done]).then(() => {});
    return done;
  };
}
