import type { SpentConfirmations } from '../../policy/confirmation.ts';

/**
 * Remembers in this process too which confirmations were used: a store file that is put back to an earlier state
 * does not know.
 */
export function spentOnce(store: SpentConfirmations): SpentConfirmations {
  const spent = new Map<string, number>();
  return {
    async use(nonce, expires, call) {
      for (const [known, until] of spent) if (until < Date.now()) spent.delete(known);
      if (spent.has(nonce)) return false;
      const first = await store.use(nonce, expires, call);
      spent.set(nonce, expires);
      return first;
    },
  };
}
