import type { Call } from '../../call.ts';
import { duringCall, throwIfCallEnded } from '../../call-end.ts';
import { HydrogenError } from '../../errors.ts';

/** How long is waited for the computation of another before one computes by oneself, ms. */
export const defaultPatienceMs = 3_000;

/** What became of waiting: it took too long, or the computation ended with the call that it was for. */
type InVain = 'late' | 'ended';

/** Computations under way in this process, of which others may use the result. */
export interface Flights {
  /** The result of the computation under way; undefined where there is none. */
  join(name: string, maxWaitMs: number, call: Call): Promise<Uint8Array | InVain> | undefined;
  /** Computes; meanwhile others may join. */
  lead(name: string, compute: () => Promise<Uint8Array>): Promise<Uint8Array>;
}

/** It says nothing of the value. */
const isOfItsCall = (error: unknown): boolean =>
  error instanceof HydrogenError && (error.code === 'cancelled' || error.code === 'timeout');

async function joined(
  flight: Promise<Uint8Array>,
  maxWaitMs: number,
  call: Call,
): Promise<Uint8Array | InVain> {
  const pause = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => pause.resolve('late'), maxWaitMs);
  try {
    return await duringCall(Promise.race([flight, pause.promise]), call);
  } catch (error) {
    throwIfCallEnded(call);
    if (isOfItsCall(error)) return 'ended';
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

export function createFlights(): Flights {
  const flights = new Map<string, Promise<Uint8Array>>();
  return {
    join(name, maxWaitMs, call) {
      const flight = flights.get(name);
      return flight && joined(flight, maxWaitMs, call);
    },
    lead(name, compute) {
      const flight = Promise.resolve()
        .then(compute)
        .finally(() => {
          if (flights.get(name) === flight) flights.delete(name);
        });
      flights.set(name, flight);
      return flight;
    },
  };
}
