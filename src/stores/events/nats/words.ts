import { HydrogenError } from '../../../errors.ts';

/** What the server lacks, found out by us rather than told by the client. */
export class NatsRefusal extends Error {}

const rejected =
  /AuthorizationError|Authorization Violation|Authentication Timeout|UserAuthenticationExpired/i;
/** By where the login is. */
const rejections = {
  url: 'rejects the user, password or token. Correct them in its URL',
  credentials: 'rejects the user of its credentials. Correct natsCredentials',
};

const meanings: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [
    /PermissionViolation|permissions violation/i,
    'does not permit its user what is needed. Allow it the subjects of this server, $JS.API.> and _INBOX.>',
  ],
  [
    /ECONNREFUSED|CONNECTION_REFUSED/i,
    'cannot be reached: nothing listens at its address. Check that it runs',
  ],
  [/ENOTFOUND|EAI_AGAIN|EBADNAME/, 'cannot be reached: its host name cannot be resolved. Correct its URL'],
  [
    /certificate|self.signed|ERR_TLS|ERR_SSL|SSL routines|EPROTO|wrong version number|tls|secure/i,
    'cannot be reached: the encrypted connection could not be made. Check its certificate, and whether it is nats:// or tls:// in its URL',
  ],
  [
    /insufficient (?:resources|storage)|maximum bytes exceeded|no space|resource limits/i,
    'has no room for the stream of events. Give JetStream more storage there',
  ],
  [
    /timeout|timed out|ETIMEDOUT|EHOSTUNREACH/i,
    'does not answer in time. Check that it runs and is not overloaded',
  ],
];

/** The log's version, without what the client has attached. */
function forLog(error: unknown): Error {
  const safe = new Error(error instanceof Error ? `${error.name}: ${error.message}` : 'not an error');
  safe.stack = '';
  return safe;
}

function* chain(error: unknown, depth = 0): Generator<Error> {
  if (!(error instanceof Error) || depth > 3) return;
  yield error;
  yield* chain(error.cause, depth + 1);
}

/**
 * What is wrong with the server, in one sentence, and what to do.
 * @param name `The NATS server (setting natsUrl)`
 * @param login where the login is that it was given
 */
export function natsInWords(error: unknown, name: string, login: keyof typeof rejections): HydrogenError {
  const all = [...chain(error)];
  const refusal = all.find((one) => one instanceof NatsRefusal);
  const said = all
    .map((one) => `${one.name} ${(one as { code?: unknown }).code ?? ''} ${one.message}`)
    .join('; ');
  const meaning =
    refusal?.message ??
    (rejected.test(said) ? rejections[login] : undefined) ??
    meanings.find(([pattern]) => pattern.test(said))?.[1] ??
    'closed the connection. Check that it runs';
  return new HydrogenError(
    'unavailable',
    `${name} ${meaning}; other nodes learn of changes later meanwhile.`,
    {
      cause: forLog(error),
    },
  );
}
