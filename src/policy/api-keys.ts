import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Call, type Caller, type Operation, systemCall } from '../call.ts';
import type { Logger } from '../observability/log.ts';
import { cannotTell, type Unauthenticated, wrongToken } from './authentication.ts';

/** What is kept of an API key. */
export interface StoredKey {
  /** Part of the key itself, and no secret. */
  readonly id: string;
  /** What a person calls it. */
  readonly name: string;
  /** SHA-256 of its secret, hex: the secret is 256 random bits, which nobody can guess from it. */
  readonly hash: string;
  readonly scopes: readonly Operation[];
  /** Absent: no rule narrows it. */
  readonly roles?: readonly string[];
  readonly claims?: Readonly<Record<string, string>>;
  /** Times are ms since the epoch. */
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** Within a minute. */
  readonly lastUsedAt?: number;
  /** The secret before the last rotation. */
  readonly previous?: { readonly hash: string; readonly until: number };
}

/** What is asked of the keys at each call. */
export interface KnownKeys {
  find(id: string, call: Call): Promise<StoredKey | undefined>;
  /** Records a use; an earlier one than the last changes nothing. */
  used(id: string, at: number, call: Call): Promise<void>;
}

/** Letters and digits: a double click selects all of a key. */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base = BigInt(alphabet.length);
/** So many letters hold 256 bits. */
const secretLength = 43;
const checksumLength = 6;
const form = /^(hyd_([0-9a-f]{12})_([0-9A-Za-z]{43}))([0-9A-Za-z]{6})$/;
const beginning = 'hyd_';
const idLength = 12;

function inLetters(value: bigint, length: number): string {
  let [rest, text] = [value, ''];
  while (text.length < length) {
    text = `${alphabet[Number(rest % base)]}${text}`;
    rest /= base;
  }
  return text;
}

/** As `inLetters`, whose numbers of any size would cost each request more than its hash. */
function checksum(text: string): string {
  let [rest, letters] = [crc32(text), ''];
  while (letters.length < checksumLength) {
    letters = `${alphabet[rest % alphabet.length]}${letters}`;
    rest = Math.floor(rest / alphabet.length);
  }
  return letters;
}

export const hashOf = (secret: string): string => hash('sha256', secret);

export const newKeyId = (): string => randomBytes(6).toString('hex');

/** A secret for the key of that id, and the key as it is shown to a person, once. */
export function newSecret(id: string): { readonly key: string; readonly hash: string } {
  const secret = inLetters(BigInt(`0x${randomBytes(32).toString('hex')}`), secretLength);
  const body = `${beginning}${id}_${secret}`;
  return { key: `${body}${checksum(body)}`, hash: hashOf(secret) };
}

/** Whether a token is meant to be an API key. */
export const looksLikeKey = (token: string): boolean => token.startsWith(beginning);

/** The parts of a key; undefined where its checksum says that it was mistyped or cut off. */
export function partsOfKey(token: string): { readonly id: string; readonly secret: string } | undefined {
  const [, body = '', id = '', secret = '', sum] = form.exec(token) ?? [];
  return id !== '' && sum === checksum(body) ? { id, secret } : undefined;
}

const callerPrefix = 'key:';

/** The key that a caller was let in by; undefined for others. */
export const keyIdOf = ({ id }: Caller): string | undefined =>
  id.startsWith(callerPrefix) ? id.slice(callerPrefix.length) : undefined;

export const callerOf = ({ id, name, scopes, roles, claims }: StoredKey): Caller => ({
  id: `${callerPrefix}${id}`,
  name,
  scopes,
  ...(roles && { roles }),
  ...(claims && { claims }),
});

/** Whether a key lets anybody in. */
export const isUsable = ({ revokedAt, expiresAt = Number.POSITIVE_INFINITY }: StoredKey): boolean =>
  revokedAt === undefined && expiresAt > Date.now();

/** A key whose secret was right a moment ago. */
interface RememberedKey {
  readonly key: StoredKey;
  readonly caller: Caller;
  /** As it was sent. */
  readonly token: Buffer;
  /** By the process's clock, ms. */
  readonly until: number;
}

export interface KeyCheckOptions {
  /** How long what was found out about a key is good, ms: a key that is revoked elsewhere ends after it. */
  readonly rememberMs?: number;
  /** How often a use is recorded, ms. */
  readonly recordEveryMs?: number;
}

/** How long the store may take, ms. */
const limitMs = 5_000;
/** Keys that are remembered at most. */
const maxRemembered = 10_000;

const noHash = Buffer.alloc(32);
const isHash = (hash: string | undefined, made: Buffer): boolean => {
  const known = hash === undefined ? noHash : Buffer.from(hash, 'hex');
  return known.length === made.length && timingSafeEqual(known, made) && hash !== undefined;
};

const advice = 'Ask whoever runs this server for another one.';

/**
 * Checks API keys. A key of an unknown id costs the same as one with a wrong secret, and is refused with the same words:
 * only who has the secret is told that a key has expired or was revoked.
 */
export function createKeyCheck(
  keys: KnownKeys,
  log: Logger,
  { rememberMs = 2_000, recordEveryMs = 60_000 }: KeyCheckOptions = {},
): (token: string) => Promise<Caller | Unauthenticated> {
  /** Only those whose secret was right: a stranger cannot fill it. */
  const remembered = new Map<string, RememberedKey>();
  const recorded = new Map<string, number>();
  /** Under way, by id: requests that come at once ask the store once. */
  const lookups = new Map<string, Promise<StoredKey | undefined>>();

  function rememberedOf(id: string): RememberedKey | undefined {
    const known = remembered.get(id);
    if (known && known.until > performance.now()) return known;
    remembered.delete(id);
    return undefined;
  }

  /** One that is remembered may have got this secret since, by a rotation elsewhere. */
  async function find(id: string, made: Buffer): Promise<StoredKey | undefined> {
    const known = rememberedOf(id)?.key;
    if (known && (isHash(known.hash, made) || isHash(known.previous?.hash, made))) return known;
    const looking = lookups.get(id) ?? keys.find(id, systemCall(log, { limitMs }));
    lookups.set(id, looking);
    try {
      return await looking;
    } finally {
      if (lookups.get(id) === looking) lookups.delete(id);
    }
  }

  function lookFailed(err: unknown): Unauthenticated {
    log.warn({ err }, 'an API key could not be looked up');
    return cannotTell(
      'API keys cannot be looked up now, so it is not known who calls. Nothing was done: try again in a few seconds. Whoever runs this server finds out why by `hydrogen doctor`.',
    );
  }

  function remember(key: StoredKey, token: string): void {
    if (rememberedOf(key.id)?.key === key) return;
    const [oldest] = remembered.keys();
    if (remembered.size >= maxRemembered && oldest !== undefined) remembered.delete(oldest);
    remembered.set(key.id, {
      ...{ key, caller: callerOf(key), token: Buffer.from(token), until: performance.now() + rememberMs },
    });
  }

  /** Whom this very token let in a moment ago, before anything of it is computed. */
  function sameAgain(token: string): Caller | undefined {
    const known = rememberedOf(token.slice(beginning.length, beginning.length + idLength));
    if (!known || !isUsable(known.key) || known.key.previous !== undefined) return undefined;
    const given = Buffer.from(token);
    const isSame = given.length === known.token.length && timingSafeEqual(given, known.token);
    if (!isSame) return undefined;
    record(known.key);
    return known.caller;
  }

  /** In the background: a call neither waits for it nor fails with it. */
  function record({ id, lastUsedAt = 0 }: StoredKey): void {
    const now = Date.now();
    if (now - Math.max(recorded.get(id) ?? 0, lastUsedAt) < recordEveryMs) return;
    recorded.set(id, now);
    keys
      .used(id, now, systemCall(log, { limitMs }))
      .catch((err: unknown) => log.debug({ err }, 'the use of an API key could not be recorded'));
  }

  return async (token) => {
    const again = sameAgain(token);
    if (again) return again;
    const parts = partsOfKey(token);
    if (!parts)
      return wrongToken(`This is no whole API key: it was cut off or mistyped. Send it as it was shown.`);
    const made = hash('sha256', parts.secret, 'buffer');
    const found = await find(parts.id, made).then((key) => ({ key }), lookFailed);
    if ('message' in found) return found;
    const { key } = found;
    const isCurrent = isHash(key?.hash, made);
    const isPrevious = isHash(key?.previous?.hash, made);
    if (!key || !(isCurrent || isPrevious)) return wrongToken(`This API key is not known here. ${advice}`);
    if (key.revokedAt !== undefined) return wrongToken(`This API key was revoked. ${advice}`);
    if (!isCurrent && (key.previous?.until ?? 0) <= Date.now())
      return wrongToken(`This API key was replaced by another one, and its time is over. ${advice}`);
    if (!isUsable(key)) return wrongToken(`This API key has expired. ${advice}`);
    remember(key, token);
    record(key);
    return callerOf(key);
  };
}
