import { badInput } from '../errors.ts';
import type { Access } from './access.ts';

/** Who calls over HTTP, by settings that may change. */
export interface RenewableAccess extends Access {
  /**
   * Looks whether the server could go on with another one.
   * @throws HydrogenError `bad_input` where it serves HTTP, and nobody, or anybody, could call then
   */
  assertReplaceable(next: Access): Promise<void>;
  /** From the next request on. */
  replace(next: Access): void;
}

export function renewableAccess(first: Access): RenewableAccess {
  let current = first;
  let isServed = false;
  return {
    authenticate: (headers) => current.authenticate(headers),
    isKnown: (caller) => current.isKnown(caller),
    isOpen: () => current.isOpen(),
    get issuers() {
      return current.issuers;
    },
    get scopes() {
      return current.scopes;
    },
    missing: (caller, operation) => current.missing(caller, operation),
    async assertServable() {
      await current.assertServable();
      isServed = true;
    },
    async assertReplaceable(next) {
      if (!isServed) return;
      await next.assertServable();
      if ((await current.isOpen()) || !(await next.isOpen())) return;
      throw badInput(
        'Without an issuer in oauth, and without API keys, anybody on this machine could call as its owner. Make a key first (`hydrogen keys create NAME --scopes read,run`), or restart the server where that is meant.',
      );
    },
    replace(next) {
      current = next;
    },
  };
}
