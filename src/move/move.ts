import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import { whileLeased } from './leases.ts';
import { type MovedLibrary, moveLibrary } from './library.ts';
import { planLibrary } from './library-plan.ts';
import { type MovedRuns, moveRuns, planRuns } from './runs.ts';
import type { LibrarySide, MoveOptions, PlanOptions, RunsSide, Way } from './sides.ts';

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
function stepsOf(total: number, call: Call): MoveOptions {
  let done = 0;
  return {
    step(message, more) {
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
  options: PlanOptions,
  report: (moved: Moved) => void,
  call: Call,
): Promise<void> {
  const leases = library
    ? { [library.names.from]: library.from.lease, [library.names.to]: library.to.lease }
    : {};
  const moved = await whileLeased(leases, call, async (): Promise<Moved> => {
    // All that could be refused, before anything is copied.
    const runsPlan = runs && (await planRuns(runs, options, call));
    const libraryPlan = library && (await planLibrary(library, options, call));
    const steps = stepsOf(2 * ((runsPlan?.ids.length ?? 0) + (libraryPlan?.rows.length ?? 0)), call);
    return {
      ...(library && libraryPlan && { library: await moveLibrary(library, libraryPlan, steps, call) }),
      ...(runs && runsPlan && { runs: await moveRuns(runs, runsPlan, steps, call) }),
    };
  });
  report(moved);
  assertSame([...(moved.library?.differences ?? []), ...(moved.runs?.differences ?? [])]);
}
