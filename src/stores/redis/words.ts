import { HydrogenError } from '../../errors.ts';
import { OldRedis } from './version.ts';

interface RedisError extends Error {
  readonly code?: unknown;
}

/** What the server's refusals begin with, what each means, and what to do; then the errors of the network. */
const meanings: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [
    /WRONGPASS|NOAUTH|invalid (?:username-password|password)|no password is set/i,
    'rejects the user or password. Correct them in its URL',
  ],
  [/NOPERM/, 'does not permit its user what is needed here. Allow it +@all on the keys of this server'],
  [
    /\bOOM\b/,
    'is full: its memory limit (maxmemory) is reached, and it makes no room. Raise maxmemory, or let it evict keys (maxmemory-policy)',
  ],
  [
    /MISCONF|No space left/i,
    'takes no writes, because it cannot save to its disk. Free space there, or see its log',
  ],
  [/READONLY/, 'is a replica, which takes no writes. Name the primary in its URL'],
  [/LOADING/, 'is still loading its data. Calls use it as soon as it is done'],
  [
    /unknown command|NOPROTO|wrong number of arguments for 'auth'/i,
    'is too old or no Redis. Version 6.2 or newer is needed',
  ],
  [/ECONNREFUSED/, 'cannot be reached: nothing listens at its address. Check that it runs'],
  [/ENOTFOUND|EAI_AGAIN/, 'cannot be reached: its host name cannot be resolved. Correct its URL'],
  [
    /certificate|self.signed|ERR_TLS|ERR_SSL|SSL routines|EPROTO|wrong version number/i,
    'cannot be reached: the encrypted connection could not be made. Check its certificate, and whether it is redis:// or rediss:// in its URL',
  ],
  [
    /timed out|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/i,
    'does not answer in time. Check that it runs and is not overloaded, and whether its URL should begin with redis:// or, with TLS, rediss://',
  ],
  [
    /Protocol error|ParserError/i,
    'does not speak Redis. Check the port in its URL, and whether it wants TLS (rediss://)',
  ],
];

const lost = 'closed the connection. Check that it runs, and whether it wants TLS (rediss://)';

/** The log's version: an error of the client's holds the command with its arguments, the password among them. */
function forLog(error: unknown): Error {
  const { name, message, code }: RedisError = error instanceof Error ? error : new Error('not an error');
  const safe = new Error(`${name} ${typeof code === 'string' ? code : ''}: ${message}`);
  safe.stack = '';
  return safe;
}

const saidBy = (error: unknown): string =>
  error instanceof Error ? `${(error as RedisError).code ?? ''} ${error.message}` : '';

/** Whether the server never does this for its user, at whatever time it is asked. */
export const isNotPermitted = (error: unknown): boolean => /NOPERM|unknown command/i.test(saidBy(error));

/**
 * What is wrong with the server, in one sentence, and what to do in a second one.
 * @param name `The Redis server (setting redisUrl)`
 * @param meanwhile what its users do without it
 */
export function redisInWords(error: unknown, name: string, meanwhile: string): HydrogenError {
  const said = saidBy(error);
  const old = error instanceof OldRedis && `is version ${error.version}. Use version 6.2 or newer`;
  const meaning = old || (meanings.find(([pattern]) => pattern.test(said))?.[1] ?? lost);
  return new HydrogenError('unavailable', `${name} ${meaning}; ${meanwhile}.`, { cause: forLog(error) });
}
