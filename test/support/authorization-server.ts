import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { onTestFinished } from 'vitest';

export interface AuthorizationServer {
  readonly issuer: string;
  /** What Ada consents to from now on, of what a client asks for. */
  grant(...scopes: readonly string[]): void;
  /** Follows an address as Ada's browser would: she logs in and consents. @returns where she is sent back to */
  visit(address: URL): Promise<URL>;
}

/**
 * A real authorization server (npm `oidc-provider`): anybody may register a client, PKCE is required, and access tokens
 * are JWT for the resource that was asked for.
 */
export async function openAuthorizationServer(): Promise<AuthorizationServer> {
  const signing = await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey);
  const allScopes = ['read', 'ingest', 'run', 'write', 'destroy'];
  let granted: readonly string[] = allScopes;
  const http = createServer((request, response) => {
    if (request.url?.startsWith('/interaction/')) return void consent(request, response);
    return void provider.callback()(request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...signing, kid: 'one', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['test'] },
    ttl: { Grant: 600, Interaction: 600, Session: 600 },
    scopes: ['openid', 'offline_access', ...allScopes],
    // Clients that do not say so run on a person's machine, too.
    clientDefaults: { application_type: 'native' },
    pkce: { required: () => true },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => ({
          scope: allScopes.join(' '),
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 3_600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });

  const consent: Parameters<typeof createServer>[1] & object = async (request, response) => {
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: 'ada', clientId: String(params['client_id']) });
    const asked = String(params['scope'] ?? '').split(' ');
    const [resource, allowed] = [String(params['resource']), asked.filter((one) => granted.includes(one))];
    const refused = asked.filter((one) => allScopes.includes(one) && !granted.includes(one)).join(' ');
    // It knows our scopes as its own, too, since clients register with them.
    grant.addOIDCScope(['openid', 'offline_access', ...allowed].join(' '));
    grant.addResourceScope(resource, allowed.join(' '));
    if (refused !== '') grant.rejectOIDCScope(refused);
    if (refused !== '') grant.rejectResourceScope(resource, refused);
    const result = { login: { accountId: 'ada' }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  };

  return {
    issuer,
    grant(...scopes) {
      granted = scopes;
    },
    async visit(address) {
      const cookies = new Map<string, string>();
      let at = address;
      for (let steps = 0; steps < 20; steps++) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await fetch(at, { redirect: 'manual', headers: { cookie } });
        for (const set of answer.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
          cookies.set(name, value);
        }
        const location = answer.headers.get('location');
        if (location === null) throw new Error(`${answer.status} at ${at.pathname}: ${await answer.text()}`);
        at = new URL(location, at);
        if (at.origin !== issuer) return at;
      }
      throw new Error(`sent from place to place, at last to ${at.pathname}`);
    },
  };
}
