import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import { ownerName } from '../process-identity.ts';
import type { BackfillLease } from '../stores/index/types.ts';

/** Well before a lease ends, ms. */
const renewEveryMs = 8_000;

/**
 * Does work while no other process makes vectors on either side.
 * @param leases by what a sentence calls the store
 */
export async function whileLeased<T>(
  leases: Readonly<Record<string, BackfillLease>>,
  call: Call,
  work: () => Promise<T>,
): Promise<T> {
  const owner = ownerName();
  const all = Object.entries(leases);
  const held: BackfillLease[] = [];
  const renew = (): void => {
    for (const lease of held) {
      lease.claim(owner, call).catch((err: unknown) => call.log.debug({ err }, 'a lease was not renewed'));
    }
  };
  const timer = setInterval(renew, renewEveryMs);
  try {
    for (const [name, lease] of all) {
      if (!(await lease.claim(owner, call))) {
        throw new HydrogenError(
          'conflict',
          `Another process is just making vectors in ${name}. Stop all servers that use it, and move again; one that was killed is forgotten after half a minute.`,
        );
      }
      held.push(lease);
    }
    return await work();
  } finally {
    clearInterval(timer);
    await Promise.allSettled(held.map((lease) => lease.release(owner, call)));
  }
}
