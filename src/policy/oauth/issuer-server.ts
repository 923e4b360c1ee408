import { isThisMachine } from '../../config/this-machine.ts';
import { HydrogenError } from '../../errors.ts';

/** How long an issuer may take to answer, ms. */
export const answerMs = 5_000;
/** Of what an issuer says, bytes; keys and metadata are a few KB. */
const maxAnswerBytes = 512 * 1024;

/** An issuer that does not say what is needed to check a token: it is not known whether the token is good. */
export const issuerAway = (cause?: unknown): HydrogenError =>
  new HydrogenError('unavailable', 'The issuer of the token does not answer as it should.', { cause });

/** The body, of which no more is read than there may be: one that is chunked does not say how long it is. */
async function textOf({ body }: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > maxAnswerBytes) throw issuerAway(`more than ${maxAnswerBytes} bytes at ${url}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * What an issuer answers, as JSON. No redirect is followed: the settings name what is trusted.
 * @throws HydrogenError `unavailable`
 */
export async function answerOf(url: string, init: RequestInit = {}): Promise<unknown> {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.timeout(answerMs),
    });
    if (!response.ok) throw issuerAway(`${response.status} at ${url}`);
    return JSON.parse(await textOf(response, url));
  } catch (error) {
    throw error instanceof HydrogenError ? error : issuerAway(error);
  }
}

/** Where the metadata of an issuer may be: RFC 8414, 3.1, with the path behind it, and OpenID Connect Discovery, 4. */
function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

/**
 * Where the keys of an issuer are, as its metadata say.
 * @throws HydrogenError `unavailable`
 */
export async function discoverKeys(issuer: string): Promise<URL> {
  let failure: unknown;
  for (const url of metadataUrls(issuer)) {
    try {
      const metadata = (await answerOf(url)) as { issuer?: unknown; jwks_uri?: unknown } | null;
      if (metadata?.issuer !== issuer || typeof metadata.jwks_uri !== 'string')
        throw issuerAway(`${url} is not of this issuer, or names no keys`);
      const keys = new URL(metadata.jwks_uri);
      if (keys.protocol === 'https:' || (keys.protocol === 'http:' && isThisMachine(keys.hostname)))
        return keys;
      throw issuerAway(`the keys are not at https: ${url}`);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/**
 * The same work for all who ask while it is under way; what failed is not tried again for a moment, so that strangers
 * cannot make this server ask an issuer as often as they like.
 * @param pauseMs after a failure
 */
export function notTooOften<T>(work: () => Promise<T>, pauseMs: number): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  let failed: { readonly error: unknown; readonly until: number } | undefined;
  return async () => {
    if (failed && failed.until > performance.now()) throw failed.error;
    underWay ??= work()
      .catch((error: unknown) => {
        failed = { error, until: performance.now() + pauseMs };
        throw error;
      })
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
}
