import type { IncomingHttpHeaders } from 'node:http';
import { isThisMachine } from '../config/this-machine.ts';
import type { Config } from '../config.ts';

type Exposed = Pick<
  Config,
  | 'httpHost'
  | 'httpAuthentication'
  | 'publicUrl'
  | 'httpAllowedHosts'
  | 'httpAllowedOrigins'
  | 'httpTrustedProxies'
  | 'oauth'
>;

const withoutPort = (host: string): string => host.replace(/:\d+$/, '');

/** Why every caller has to say who it is, whatever keys there are; undefined where the settings do not demand it. */
export function demandOf(config: Exposed): string | undefined {
  const { httpHost, httpAuthentication, publicUrl, httpAllowedHosts, httpAllowedOrigins, oauth } = config;
  const { httpTrustedProxies } = config;
  const others = (hosts: readonly string[]): string | undefined => hosts.find((host) => !isThisMachine(host));
  if (httpAuthentication === 'required') return 'httpAuthentication is "required"';
  if (!isThisMachine(httpHost)) return `httpHost "${httpHost}" is an address that others can reach`;
  if (oauth.length > 0) return 'oauth names issuers of tokens';
  const host = others(httpAllowedHosts.map(withoutPort));
  if (host !== undefined) return `httpAllowedHosts names "${host}"`;
  if (publicUrl !== undefined && !isThisMachine(new URL(publicUrl).hostname))
    return 'publicUrl is for others';
  // It is there for others, and from a gateway on this machine they all seem to be local.
  if (httpTrustedProxies.length > 0) return 'httpTrustedProxies names a gateway';
  const origin = others(httpAllowedOrigins.map((one) => new URL(one).hostname));
  return origin === undefined ? undefined : `httpAllowedOrigins names "${origin}"`;
}

/**
 * Whether a gateway says that it passes a request on for somebody who is not on this machine. Anybody may say so, but
 * nobody gains by it.
 */
export function isForOthers(headers: IncomingHttpHeaders): boolean {
  const [first = ''] = [headers['x-forwarded-for'] ?? headers['x-real-ip'] ?? []].flat();
  return first
    .split(',')
    .map((address) => address.trim().replace(/^::ffff:/i, ''))
    .some((address) => address !== '' && !isThisMachine(address));
}

/** What is wrong with how this server would be reached, and what to do; undefined where nothing is. */
export function exposureFault(
  config: Pick<Config, 'httpHost' | 'httpInsecure' | 'httpTlsCert' | 'httpTrustedProxies'>,
): string | undefined {
  const { httpHost, httpInsecure, httpTlsCert, httpTrustedProxies } = config;
  if (isThisMachine(httpHost) || httpInsecure || httpTlsCert !== undefined || httpTrustedProxies.length > 0)
    return undefined;
  return `httpHost (HYDROGEN_HTTP_HOST) is "${httpHost}", which others can reach, and nothing encrypts what they send. Set httpTlsCert and httpTlsKey, or httpTrustedProxies to the address of the gateway in front; httpInsecure: true serves plain HTTP on purpose.`;
}

/** The address of the MCP endpoint as clients know it, which is also what tokens are meant for. */
export const resourceUrl = (publicUrl: string): string => `${publicUrl.replace(/\/+$/, '')}/mcp`;
