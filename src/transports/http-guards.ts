import type { IncomingMessage } from 'node:http';
import {
  INVALID_REQUEST,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  validateHostHeader,
  validateOriginHeader,
} from '@modelcontextprotocol/server';
import { type HttpRefusal, httpError } from './http-answers.ts';

/** A name or address with an optional port: no user, path or escapes, which URL parsers read in more than one way. */
const plainHost = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const plainOrigin = /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

const local = 'Only this machine may connect, as localhost, 127.0.0.1 or [::1].';

const shown = (text: string): string => JSON.stringify(text.slice(0, 100));

const forbidden = (message: string): HttpRefusal => ({
  status: 403,
  code: httpError,
  message: `${message} ${local}`,
});

function isLocalHost(host: string): boolean {
  return plainHost.test(host) && validateHostHeader(host, localhostAllowedHostnames()).ok;
}

function countOf({ rawHeaders }: IncomingMessage, name: string): number {
  return rawHeaders.filter((one, i) => i % 2 === 0 && one.toLowerCase() === name).length;
}

/** A request target in absolute form, as a proxy gets it: its authority and its path. */
export function absoluteTarget(url: string): { readonly host: string; readonly path: string } | undefined {
  const [, host, path] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  return host === undefined ? undefined : { host, path: path?.startsWith('/') ? path : `/${path}` };
}

/**
 * Why a request is not served, by who it says it is for and where it says it comes from: a page in a browser must not
 * reach a local server by a name of its own (DNS rebinding).
 * @param target the request's target as it was sent
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
  if (!plainOrigin.test(origin) || !validateOriginHeader(origin, localhostAllowedOrigins()).ok) {
    return forbidden(`Invalid Origin: ${shown(origin)}.`);
  }
  return undefined;
}
