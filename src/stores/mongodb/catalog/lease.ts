import { hasExited } from '../../../process-identity.ts';
import type { BackfillLease } from '../../index/types.ts';
import { codeOf } from '../errors.ts';
import type { Use } from './session.ts';

/** A lease that its owner does not renew expires after this time by the server's clock, ms. */
const leaseMs = 30_000;
const duplicate = 11_000;

export function createMongoLease(use: Use): BackfillLease {
  return {
    claim: (owner, call) =>
      use(call, async ({ state: { lease }, facts, options }) => {
        const now = (await facts()).now();
        const mine = { owner, until: new Date(now + leaseMs) };
        const found = await lease.findOne({ _id: 'lease' }, options());
        if (!found) {
          return lease.insertOne({ _id: 'lease', ...mine }, options()).then(
            () => true,
            (error: unknown) => {
              if (codeOf(error) !== duplicate) throw error;
              return false;
            },
          );
        }
        const { owner: other, until } = found;
        const isFree = other === null || other === owner || until.getTime() < now || hasExited(other);
        if (!isFree) return false;
        const asFound = { _id: 'lease', owner: other, until } as const;
        const { matchedCount } = await lease.updateOne(asFound, { $set: mine }, options());
        return matchedCount === 1;
      }),
    release: (owner, call) =>
      use(call, async ({ state: { lease }, options }) => {
        await lease.updateOne({ _id: 'lease', owner }, { $set: { owner: null } }, options());
      }),
  };
}
