import { createHash, randomUUID } from 'node:crypto';
import type { ClientCapabilities, Implementation } from '@modelcontextprotocol/server';
import type { Caller } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import { isSameCaller } from '../policy/authentication.ts';
import type { Signer } from '../policy/signing.ts';
import { createRecentIds } from './recent-ids.ts';

/** What a session began with, and all that is needed to continue it. */
export interface SessionTerms {
  readonly protocolVersion: string;
  readonly capabilities: ClientCapabilities;
  /** What the client says that it is; ids of earlier versions do not have it. */
  readonly clientInfo?: Pick<Implementation, 'name' | 'version'>;
}

/** What an id carries, signed. It is no secret to its client, but no client can make one. */
interface Claims extends SessionTerms {
  readonly caller: Caller;
  /** When the session began, ms since the epoch. */
  readonly begun: number;
  /** Two sessions that begin alike have different ids. */
  readonly nonce: string;
}

/**
 * The ids of sessions. An id carries its session's terms and caller, so that any process with the same keys can continue
 * a session that it does not know: after a restart, after a pause, or where another one answered before.
 */
export interface SessionIds {
  issue(terms: SessionTerms, caller: Caller): Promise<string>;
  /**
   * The terms of a session that may be continued by this caller.
   * @throws HydrogenError `unavailable` where the keys cannot be had now: whether there is such a session is not known
   */
  termsOf(id: string, caller: Caller): Promise<SessionTerms | undefined>;
  /** From now on there is no session of that key, as far as this process remembers: the last 10,000. */
  revoke(key: string): void;
}

/** What tells sessions apart without being an id that could be used. */
export const sessionKey = (id: string): string => createHash('sha256').update(id).digest('base64url');

const purpose = 'session';
/** Longer than any id that was issued, characters. */
const maxIdLength = 4_096;

/** What of the capabilities decides what a server may ask its client; a client may declare megabytes of others. */
function asked({ elicitation, sampling, roots }: ClientCapabilities): ClientCapabilities {
  return {
    ...(elicitation && {
      elicitation: {
        ...(elicitation.form && { form: {} }),
        ...(elicitation.url && { url: {} }),
      },
    }),
    ...(sampling && { sampling: {} }),
    ...(roots && { roots: {} }),
  };
}

/** Characters of what a client says of itself. */
const maxNameLength = 100;

const shortened = ({ name, version }: NonNullable<SessionTerms['clientInfo']>) => ({
  name: name.slice(0, maxNameLength),
  version: version.slice(0, maxNameLength),
});

/** @param maxAgeMs how long after its beginning a session may be continued by a process that does not know it */
export function createSessionIds(signer: () => Promise<Signer>, maxAgeMs: number, log: Logger): SessionIds {
  const revoked = createRecentIds();

  async function claimsIn(id: string): Promise<Claims | undefined> {
    try {
      return JSON.parse((await signer()).verify(purpose, id)) as Claims;
    } catch (err) {
      if (err instanceof HydrogenError && err.code === 'bad_input') return undefined;
      log.warn({ err }, 'a session could not be looked up');
      throw err;
    }
  }

  return {
    async issue({ protocolVersion, capabilities, clientInfo }, caller) {
      const claims: Claims = {
        protocolVersion,
        capabilities: asked(capabilities),
        ...(clientInfo && { clientInfo: shortened(clientInfo) }),
        caller,
        begun: Date.now(),
        nonce: randomUUID(),
      };
      try {
        const issued = (await signer()).sign(purpose, JSON.stringify(claims));
        if (issued.length <= maxIdLength) return issued;
      } catch (err) {
        log.warn({ err }, 'a session cannot be continued after a restart: the keys are not available');
      }
      return randomUUID();
    },
    async termsOf(id, caller) {
      if (id.length > maxIdLength || revoked.has(sessionKey(id))) return undefined;
      const claims = await claimsIn(id);
      if (!claims || claims.begun + maxAgeMs < Date.now()) return undefined;
      return isSameCaller(claims.caller, caller) ? claims : undefined;
    },
    revoke: (key) => revoked.add(key),
  };
}
