import type { IncomingMessage } from 'node:http';
import { INVALID_REQUEST } from '@modelcontextprotocol/server';
import type { HttpRefusal } from './http-answers.ts';
import { serverError } from './messages.ts';

/**
 * The names of this machine, with any port. Excludes everything that URL parsers interpret differently, such as a user,
 * a path, escapes or numeric forms of an address.
 */
const localHost = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?$/i;
const scheme = /^[a-z][a-z0-9+.-]*:\/\//i;

const local = 'Only this machine may connect, as localhost, 127.0.0.1 or [::1].';

const shown = (text: string): string => JSON.stringify(text.slice(0, 100));

const forbidden = (message: string): HttpRefusal => ({
  status: 403,
  code: serverError,
  message: `${message} ${local}`,
});

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

/**
 * Why a request is refused because of its Host, Origin or target: a web page must not reach a local server through a
 * name it controls (DNS rebinding).
 * @param target the request target as sent
 */
export function refusalOfOrigin(request: IncomingMessage, target: string): HttpRefusal | undefined {
  const { host, origin } = request.headers;
  for (const name of ['host', 'origin', 'content-length', 'content-type', 'mcp-session-id']) {
    if (countOf(request, name) > 1) {
      return { status: 400, code: INVALID_REQUEST, message: `The header "${name}" was sent more than once.` };
    }
  }
  if (!host) return { status: 400, code: INVALID_REQUEST, message: `The header "Host" is missing. ${local}` };
  if (!isLocalHost(host)) return forbidden(`Invalid Host: ${shown(host)}.`);
  const absolute = absoluteTarget(target);
  if (absolute && !isLocalHost(absolute.host)) return forbidden(`Invalid target: ${shown(absolute.host)}.`);
  if (!origin) return undefined;
  if (!scheme.test(origin) || !isLocalHost(origin.replace(scheme, ''))) {
    return forbidden(`Invalid Origin: ${shown(origin)}.`);
  }
  return undefined;
}
