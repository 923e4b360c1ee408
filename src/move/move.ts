import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import { whileLeased } from './leases.ts';
import { type MovedLibrary, moveLibrary } from './library.ts';
import { type MovedRuns, moveRuns } from './runs.ts';
import type { LibrarySide, RunsSide, Way } from './sides.ts';

/** What is taken from where to where. */
export interface Move {
  readonly library?: Way<LibrarySide>;
  readonly runs?: Way<RunsSide>;
}

export interface Moved {
  readonly library?: MovedLibrary;
  readonly runs?: MovedRuns;
}

/** Differences that a message names. */
const maxNamed = 5;

function assertSame(all: readonly string[]): void {
  if (all.length === 0) return;
  const named = all.slice(0, maxNamed).join(', ');
  const more = all.length > maxNamed ? ` and ${all.length - maxNamed} more` : '';
  throw new HydrogenError(
    'conflict',
    `Both sides do not have the same: ${named}${more} differ. Make sure that all servers are stopped, and move again: only what differs is copied.`,
  );
}

/** Tells how far it is: everything is copied, and then compared. */
function createSteps(call: Call) {
  let [done, total] = [0, 0];
  return {
    begin: (count: number): void => {
      total += 2 * count;
    },
    step: (message: string, more: number): void => {
      done += more;
      call.progress({ done, total, message });
    },
  };
}

/**
 * Copies what there is, and compares both sides in the end. Nothing is taken from the source. One that was interrupted is
 * completed by the next.
 * @param report is told what was compared, before differences are an error
 * @throws HydrogenError `conflict` where the target holds something else, servers are at work, or both differ in the end
 */
export async function move(
  { library, runs }: Move,
  { merge }: { readonly merge: boolean },
  report: (moved: Moved) => void,
  call: Call,
): Promise<void> {
  const { begin, step } = createSteps(call);
  const options = { merge, step };
  const leases = library
    ? { [library.names.from]: library.from.lease, [library.names.to]: library.to.lease }
    : {};
  const moved = await whileLeased(leases, call, async (): Promise<Moved> => {
    const movedRuns = runs && (await moveRuns(runs, options, begin, call));
    const movedLibrary = library && (await moveLibrary(library, options, begin, call));
    return { ...(movedLibrary && { library: movedLibrary }), ...(movedRuns && { runs: movedRuns }) };
  });
  report(moved);
  assertSame([...(moved.library?.differences ?? []), ...(moved.runs?.differences ?? [])]);
}
