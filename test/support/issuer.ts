import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { onTestFinished } from 'vitest';

/** A key pair of an issuer, under an id. */
interface Pair {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

export const audience = 'https://mcp.example.com/mcp';

/** An issuer of tokens: its keys and metadata are at a real address, and it signs what a test asks for. */
export interface Issuer {
  readonly url: string;
  /** A token of Ada's for this audience, good for an hour, with some claims changed; undefined leaves one out. */
  sign(
    claims?: Readonly<Record<string, unknown>>,
    header?: Partial<JWTHeaderParameters>,
    key?: CryptoKey,
  ): Promise<string>;
  /** Signs with a new key, which takes the place of the last one. */
  rotate(): Promise<void>;
  /** Whether it answers. */
  answers(does: boolean): void;
  /** How often it was asked while it was away. */
  refusals(): number;
  /** Of the key that it signs with now. */
  publicPem(): Promise<string>;
  /** How often its keys were fetched. */
  fetches(): number;
  /** What it says of opaque tokens; it knows none at first. */
  readonly opaque: Map<string, JWTPayload>;
  /** How often it was asked about one. */
  introspections(): number;
}

async function pairOf(alg: string, kid: string): Promise<Pair> {
  return { kid, ...(await generateKeyPair(alg, { extractable: true })) };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request) body += String(part);
  return body;
}

export async function openIssuer(alg = 'ES256', path = ''): Promise<Issuer> {
  let pair = await pairOf(alg, 'key-1');
  let [isAway, fetches, introspections, refusals] = [false, 0, 0, 0];
  const opaque = new Map<string, JWTPayload>();
  const server = createServer(async (request, response) => {
    const answer = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (isAway) refusals++;
    if (isAway) return answer(503, {});
    switch (request.url) {
      case `/.well-known/oauth-authorization-server${path}`:
        return answer(200, { issuer: url, jwks_uri: `${url}/keys` });
      case `${path}/keys`:
        fetches++;
        return answer(200, {
          keys: [{ ...(await exportJWK(pair.publicKey)), kid: pair.kid, alg, use: 'sig' }],
        });
      case `${path}/introspect`: {
        introspections++;
        // "hydrogen" and "sesame", as RFC 6749, 2.3.1, has them sent.
        if (request.headers.authorization !== 'Basic aHlkcm9nZW46c2VzYW1l') return answer(401, {});
        const claims = opaque.get(new URLSearchParams(await bodyOf(request)).get('token') ?? '');
        return answer(200, claims ? { active: true, ...claims } : { active: false });
      }
      default:
        return answer(404, {});
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const now = (): number => Math.floor(Date.now() / 1_000);
  return {
    url,
    opaque,
    fetches: () => fetches,
    refusals: () => refusals,
    introspections: () => introspections,
    publicPem: () => exportSPKI(pair.publicKey),
    answers(does) {
      isAway = !does;
    },
    async rotate() {
      pair = await pairOf(alg, `${pair.kid}+`);
    },
    sign(claims = {}, header = {}, key = pair.privateKey) {
      const payload = {
        ...{ iss: url, sub: 'ada', aud: audience, scope: 'read', iat: now(), exp: now() + 3_600 },
        ...claims,
      };
      const given = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined));
      return new SignJWT(given).setProtectedHeader({ alg, kid: pair.kid, ...header }).sign(key);
    },
  };
}
