import type { MongoClient } from 'mongodb';

/** How long one answer serves: clocks drift by a second in hours, ms. */
const freshMs = 60_000;

/** What a server says of itself. */
export interface ServerFacts {
  /** Milliseconds since the epoch by the server's clock. */
  now(): number;
  /** Whether it has transactions. */
  readonly transactions: boolean;
}

/** MongoDB's `hello`, as far as it is used here. */
interface Hello {
  readonly localTime?: unknown;
  readonly setName?: unknown;
  readonly msg?: unknown;
  readonly logicalSessionTimeoutMinutes?: unknown;
}

interface Known extends ServerFacts {
  isFresh(): boolean;
}

async function ask(client: MongoClient, signal: AbortSignal): Promise<Known> {
  const begun = performance.now();
  const options = { signal, readPreference: 'primary' } as const;
  const hello: Hello = await client.db('admin').command({ hello: 1 }, options);
  const [steady, wall] = [performance.now(), Date.now()];
  const { localTime, setName, msg, logicalSessionTimeoutMinutes } = hello;
  // One that tells no time is given ours.
  const told = localTime instanceof Date ? localTime.getTime() + (steady - begun) / 2 : wall;
  return {
    now: () => Math.round(told + (performance.now() - steady)),
    // What does not belong to a set, or is not the router of a cluster, has none.
    transactions:
      Number(logicalSessionTimeoutMinutes) > 0 && (typeof setName === 'string' || msg === 'isdbgrid'),
    // The steady clock does not jump, but stands still while a machine sleeps: the other shows that.
    isFresh: () => performance.now() - steady < freshMs && Math.abs(Date.now() - wall) < freshMs,
  };
}

/**
 * What the server says of itself, asked at most once a minute. By its clock all processes measure leases alike: their
 * own may differ by more than a lease. It is known to half a round trip. After a failover it is that of another machine,
 * which is trusted to differ by less than a second, as MongoDB asks of the members of a set.
 */
export function createServerFacts(): (client: MongoClient, signal: AbortSignal) => Promise<ServerFacts> {
  let known: Known | undefined;
  return async (client, signal) => {
    if (!known?.isFresh()) known = await ask(client, signal);
    return known;
  };
}
