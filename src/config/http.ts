import { BlockList, isIP } from 'node:net';
import type { Config } from '../config.ts';
import type { Problems } from './problems.ts';

const hostForm = /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i;

/** Whether this is an address, or a range of them as CIDR writes it. */
function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  if (prefix === undefined) return true;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
    return /^\d{1,3}$/.test(prefix);
  } catch {
    return false;
  }
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** Adds what cannot work of how the HTTP server is reached. */
export function checkHttp(config: Config, problems: Problems): void {
  const { httpAllowedHosts, httpAllowedOrigins, httpTrustedProxies, httpTlsCert, httpTlsKey } = config;
  for (const host of httpAllowedHosts) {
    if (hostForm.test(host)) continue;
    problems.add(
      `Setting "httpAllowedHosts": "${host}" is no host: write mcp.example.com, mcp.example.com:8443 or *.example.com, without https://.`,
    );
  }
  for (const origin of httpAllowedOrigins) {
    if (isOrigin(origin)) continue;
    const message =
      origin === '*'
        ? 'any web page could then use what its visitor may use: name the origins'
        : 'write it as browsers send it: https://app.example.com, without a path';
    problems.add(`Setting "httpAllowedOrigins": "${origin}" is not accepted: ${message}.`);
  }
  for (const proxy of httpTrustedProxies) {
    if (isAddressRange(proxy)) continue;
    problems.add(
      `Setting "httpTrustedProxies": "${proxy}" is no address: write 10.1.2.3 or a range such as 10.0.0.0/8.`,
    );
  }
  if ((httpTlsCert === undefined) !== (httpTlsKey === undefined)) {
    problems.add('Settings "httpTlsCert" and "httpTlsKey" need each other: give both, or none.');
  }
  checkIssuers(config, problems);
}

function checkIssuers({ oauth, publicUrl }: Config, problems: Problems): void {
  const named = new Set<string>();
  for (const { issuer, audience, rolesClaim, roles } of oauth) {
    const where = `Setting "oauth", issuer "${issuer}"`;
    if (named.has(issuer)) problems.add(`${where}: it is there twice.`);
    named.add(issuer);
    if (audience === undefined && publicUrl === undefined) {
      problems.add(
        `${where}: nothing says which tokens are meant for this server: set "audience", or publicUrl.`,
      );
    }
    if (roles !== undefined && rolesClaim === undefined) {
      problems.add(`${where}: "roles" maps the values of a claim: set "rolesClaim" to its name.`);
    }
  }
}
