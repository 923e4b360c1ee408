import type { Call } from '../../call.ts';

type Use = (nonce: string, expires: number, call: Call) => Promise<boolean>;

/**
 * Remembers in this process too which confirmations were used: a store file that is put back to an earlier state
 * does not know.
 * @param use records one for good; false when it had been used
 */
export function spentOnce(use: Use): Use {
  const spent = new Map<string, number>();
  return async (nonce, expires, call) => {
    for (const [known, until] of spent) if (until < Date.now()) spent.delete(known);
    if (spent.has(nonce)) return false;
    const first = await use(nonce, expires, call);
    spent.set(nonce, expires);
    return first;
  };
}
