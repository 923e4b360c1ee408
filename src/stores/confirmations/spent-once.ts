import type { SpentConfirmations } from '../../policy/confirmation.ts';

/** Also remembers used confirmations in this process: a store file restored to an earlier state has forgotten them. */
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
