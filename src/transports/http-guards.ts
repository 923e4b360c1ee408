import type { IncomingMessage } from 'node:http';
import { INVALID_REQUEST } from '@modelcontextprotocol/server';
import type { Config } from '../config.ts';
import type { HttpRefusal } from './http-answers.ts';
import { serverError } from './messages.ts';

/**
 * The names of this machine, with any port. Excludes everything that URL parsers interpret differently, such as a user,
 * a path, escapes or numeric forms of an address.
 */
const localHost = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?$/i;
/** Any other name or address, and its port. */
const anyHost = /^([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i;
const scheme = /^[a-z][a-z0-9+.-]*:\/\//i;

const shown = (text: string): string => JSON.stringify(text.slice(0, 100));

function isLocalHost(host: string): boolean {
  const found = localHost.exec(host);
  return found !== null && Number(found[1] ?? 0) <= 65_535;
}

function countOf({ rawHeaders }: IncomingMessage, name: string): number {
  return rawHeaders.filter((header, i) => i % 2 === 0 && header.toLowerCase() === name).length;
}

/** The authority and path of a request target in absolute form, as proxies receive it. */
export function absoluteTarget(url: string): { readonly host: string; readonly path: string } | undefined {
  const [, host, path] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  return host === undefined ? undefined : { host, path: path?.startsWith('/') ? path : `/${path}` };
}

/** Whether the settings allow a host: by its name, below a name, or with a certain port. */
function isAllowed(host: string, allowed: readonly string[]): boolean {
  const [, name = '', port = ''] = anyHost.exec(host.toLowerCase()) ?? [];
  if (name === '' || Number(port) > 65_535) return false;
  return allowed.some((one) => {
    const [, allowedName = '', allowedPort] = /^(.*?)(?::(\d+))?$/.exec(one.startsWith('[') ? '' : one) ?? [];
    if (one.startsWith('[')) return one === host.toLowerCase() || one === name;
    if (allowedPort !== undefined && allowedPort !== port) return false;
    return allowedName.startsWith('*.') ? name.endsWith(allowedName.slice(1)) : name === allowedName;
  });
}

/** The address of this machine that a client connected to, as it would write it. */
function ownAddress({ socket }: IncomingMessage): string {
  const address = (socket.localAddress ?? '').replace(/^::ffff:/i, '');
  return address.includes(':') ? `[${address}]` : address;
}

export interface Guards {
  /** Whether scripts of pages of this origin may read answers, because the settings name it. */
  isNamedOrigin(origin: string | undefined): boolean;
  /**
   * Why a request is refused because of its Host, Origin or target: a web page must not reach a server through a name
   * that it controls (DNS rebinding).
   * @param host by which the client knows this server: a gateway that is trusted may have said it
   * @param target the request target as sent
   */
  refusalOf(request: IncomingMessage, host: string, target: string): HttpRefusal | undefined;
}

export function createGuards({
  publicUrl,
  httpAllowedHosts,
  httpAllowedOrigins,
}: Pick<Config, 'publicUrl' | 'httpAllowedHosts' | 'httpAllowedOrigins'>): Guards {
  const own = publicUrl === undefined ? [] : [new URL(publicUrl)];
  const hosts = [...httpAllowedHosts, ...own.map(({ hostname }) => hostname)].map((host) =>
    host.toLowerCase(),
  );
  const origins = [...httpAllowedOrigins, ...own.map(({ origin }) => origin)];
  const who =
    hosts.length === 0
      ? 'Only this machine may connect, as localhost, 127.0.0.1 or [::1].'
      : 'Use the address that you were given; whoever runs this server names it in publicUrl or httpAllowedHosts.';
  const forbidden = (message: string): HttpRefusal => ({
    status: 403,
    code: serverError,
    message: `${message} ${who}`,
  });
  const isKnown = (host: string, request: IncomingMessage): boolean =>
    isLocalHost(host) || isAllowed(host, hosts) || isAllowed(host, [ownAddress(request)]);
  const isLocalOrigin = (origin: string): boolean =>
    scheme.test(origin) && isLocalHost(origin.replace(scheme, ''));

  return {
    isNamedOrigin: (origin) => origin !== undefined && origins.includes(origin),
    refusalOf(request, host, target) {
      const { origin } = request.headers;
      for (const name of [
        'host',
        'origin',
        'content-length',
        'content-type',
        'mcp-session-id',
        'authorization',
      ]) {
        if (countOf(request, name) > 1) {
          return {
            status: 400,
            code: INVALID_REQUEST,
            message: `The header "${name}" was sent more than once.`,
          };
        }
      }
      if (!host)
        return { status: 400, code: INVALID_REQUEST, message: `The header "Host" is missing. ${who}` };
      if (!isKnown(host, request)) return forbidden(`Invalid Host: ${shown(host)}.`);
      const absolute = absoluteTarget(target);
      if (absolute && !isKnown(absolute.host, request))
        return forbidden(`Invalid target: ${shown(absolute.host)}.`);
      if (!origin || isLocalOrigin(origin) || origins.includes(origin)) return undefined;
      return forbidden(`Invalid Origin: ${shown(origin)}.`);
    },
  };
}
