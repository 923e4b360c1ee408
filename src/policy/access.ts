import { type Caller, isLocal, localCaller, type Operation, systemCall } from '../call.ts';
import type { OauthIssuer } from '../config/oauth-issuers.ts';
import { badInput } from '../errors.ts';
import { loadedOnce } from '../loaded-once.ts';
import type { Logger } from '../observability/log.ts';
import {
  callerOf,
  createKeyCheck,
  isUsable,
  type KnownKeys,
  keyIdOf,
  looksLikeKey,
  type StoredKey,
} from './api-keys.ts';
import {
  type Authenticate,
  cannotTell,
  isSameCaller,
  noToken,
  type Unauthenticated,
  wrongToken,
} from './authentication.ts';
import { demandOf, exposureFault, isForOthers, resourceUrl } from './exposure.ts';
import { isOfIssuer, missingFor, scopesOf } from './oauth/claims.ts';

/** Who calls over HTTP. */
export interface Access {
  readonly authenticate: Authenticate;
  /**
   * Whether a caller that was let in earlier is not known to be shut out since: a key that was revoked, has expired, or may
   * do something else now, or an issuer that is gone. Of tokens nothing is known any more.
   * @throws HydrogenError `unavailable`
   */
  isKnown(caller: Caller): Promise<boolean>;
  /**
   * Whether who says nothing is let in, as whoever is at this machine.
   * @throws HydrogenError `unavailable`
   */
  isOpen(): Promise<boolean>;
  /** Those whose tokens are accepted; none where there are keys only. */
  readonly issuers: readonly string[];
  /** All scopes of tokens that mean something here. */
  readonly scopes: readonly string[];
  /**
   * The refusal of a call whose operation the caller's token does not allow; undefined for callers that have no token,
   * or that could get none that does.
   */
  missing(caller: Caller, operation: Operation): Unauthenticated | undefined;
  /**
   * Looks whether the server may listen as the settings say.
   * @throws HydrogenError `bad_input` with what to do
   */
  assertServable(): Promise<void>;
}

interface Keys extends KnownKeys {
  list(call: ReturnType<typeof systemCall>): Promise<readonly StoredKey[]>;
}

/** How long it is remembered that there are no keys, ms. */
const lookEveryMs = 2_000;
/** How long the store may take, ms. */
const limitMs = 5_000;
/** Of a token, characters: a header may be 16 KB. */
const maxTokenLength = 12_000;

const advice = 'send "Authorization: Bearer" with an API key or a token';

/** To a server that is open to this machine, everybody behind a gateway on it would seem to be its owner. */
const throughGateway = noToken(
  'A gateway has passed this on for somebody else, and this server is open to its own machine only: make API keys (`hydrogen keys create`), and name the gateway in httpTrustedProxies.',
);

function tokenIn(authorization: string): string | Unauthenticated {
  const [, token] = /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization) ?? [];
  if (token === undefined || token.length > maxTokenLength)
    return wrongToken(`The header "Authorization" is not as it should be: ${advice}.`, 'invalid_request');
  return token;
}

/**
 * Tells whether there are keys, as far as is known: once there are, there always are, since those that were revoked are
 * kept.
 */
function createKeysLook(keys: Keys, log: Logger): () => Promise<boolean> {
  let known: boolean | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<boolean> | undefined;

  async function look(): Promise<boolean> {
    try {
      known = (await keys.list(systemCall(log, { limitMs }))).length > 0;
    } catch (err) {
      // What is not known at all is taken for neither.
      if (known === undefined) throw err;
      log.debug({ err }, 'whether there are API keys was not found out again');
    }
    lookedAt = performance.now();
    return known;
  }

  return async () => {
    if (known === true || (known === false && performance.now() - lookedAt < lookEveryMs)) return known;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
}

export function createAccess(
  config: Parameters<typeof demandOf>[0] &
    Parameters<typeof exposureFault>[0] & { readonly localRole?: string | undefined },
  keys: Keys,
  log: Logger,
): Access {
  const { oauth, publicUrl, localRole } = config;
  // One and the same, by which what its roles allow is remembered.
  const local = localCaller(localRole);
  const demand = demandOf(config);
  const areThereKeys = createKeysLook(keys, log);
  const checkKey = createKeyCheck(keys, log);
  const audiencesOf = ({ audience = publicUrl === undefined ? [] : resourceUrl(publicUrl) }: OauthIssuer) =>
    [audience].flat();
  const tokens = loadedOnce(async () => {
    const { createTokenCheck } = await import('./oauth/tokens.ts');
    return createTokenCheck(oauth, audiencesOf, log);
  });

  const isOpen = async (): Promise<boolean> => demand === undefined && !(await areThereKeys());

  /** Whether who says nothing is the local caller. */
  async function isOpenNow(): Promise<boolean | Unauthenticated> {
    try {
      return await isOpen();
    } catch (err) {
      log.warn({ err }, 'whether there are API keys could not be found out');
      return cannotTell(
        'It cannot be found out now who may call, since the store does not answer: `hydrogen doctor` says why. Try again.',
      );
    }
  }

  return {
    issuers: oauth.map(({ issuer }) => issuer),
    scopes: [...new Set(oauth.flatMap(scopesOf))],
    async authenticate(headers) {
      const { authorization = '' } = headers;
      if (!looksLikeKey(authorization.replace(/^bearer +/i, ''))) {
        const open = await isOpenNow();
        if (open === true && isForOthers(headers)) return throughGateway;
        if (open === true) return local;
        if (open !== false) return open;
      }
      if (authorization === '') return noToken(`This server has to know who calls: ${advice}.`);
      const token = tokenIn(authorization);
      if (typeof token !== 'string') return token;
      if (looksLikeKey(token)) return checkKey(token);
      if (oauth.length === 0) return wrongToken('Only API keys are accepted here, and this is none.');
      return (await tokens.get())(token);
    },
    async isKnown(caller) {
      const id = keyIdOf(caller);
      if (id === undefined) {
        return isLocal(caller) ? demand === undefined : oauth.some((issuer) => isOfIssuer(caller, issuer));
      }
      const key = await keys.find(id, systemCall(log, { limitMs }));
      return key !== undefined && isUsable(key) && isSameCaller(callerOf(key), caller);
    },
    isOpen,
    missing: (caller, operation) => missingFor(caller, operation, oauth),
    async assertServable() {
      const fault = exposureFault(config);
      if (fault !== undefined) throw badInput(fault);
      if (demand === undefined || oauth.length > 0) return;
      const found = await keys.list(systemCall(log, { limitMs })).catch((err: unknown) => {
        log.warn({ err }, 'whether there are API keys could not be found out');
        return undefined;
      });
      if (!found || found.some(isUsable)) return;
      throw badInput(
        `Callers have to say who they are (${demand}), but nobody could: there is no API key that is good, and no issuer in the setting oauth. Make a key: \`hydrogen keys create NAME --scopes read,run\`.`,
      );
    },
  };
}
