import { decoded } from '../../observability/redact.ts';

/** Removes connection secrets from text; also `hosts` in text for a caller. */
export interface Redactor {
  forLog(text: string): string;
  forCaller(text: string): string;
}

const hidden = '…';

function replaceAll(text: string, parts: readonly string[]): string {
  return parts.reduce((rest, part) => rest.replaceAll(part, hidden), text);
}

/** Shorter secrets would mangle ordinary words, and are removed with the whole string anyway. */
const minLength = 3;

/** Knows the parts of one connection string. Anything that looks like a connection string is removed as well. */
export function createRedactor(url: string): Redactor {
  const long = (parts: readonly string[]) => parts.filter((part) => part.length >= minLength);
  // The hosts begin after the last "@" before them; with more than one "@", it is not clear which that is.
  const readings = [
    /^(mongodb(?:\+srv)?:\/\/)(?:(.*)@)?([^/?]*)/s,
    /^(mongodb(?:\+srv)?:\/\/)(?:([^/?]*)@)?([^/?]*)/s,
  ];
  const parts = readings.map((reading) => reading.exec(url) ?? []);
  const secrets = long([url, ...parts.flatMap(([, , userInfo = '']) => userSecrets(userInfo))]);
  const addresses = long(parts.flatMap(([, scheme = '', , hosts = '']) => addressesOf(hosts, scheme)));
  const anyUrl = /mongodb(\+srv)?:\/\/\S+/gi;
  const forLog = (text: string): string => replaceAll(text, secrets).replace(anyUrl, hidden);
  return { forLog, forCaller: (text) => replaceAll(forLog(text), addresses) };
}

function userSecrets(userInfo: string): string[] {
  const colon = userInfo.indexOf(':');
  const password = colon < 0 ? '' : userInfo.slice(colon + 1);
  const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
  return [userInfo, password, user].flatMap((part) => [part, decoded(part)]);
}

/** A DNS name may resolve to hosts of the same domain. */
function addressesOf(hosts: string, scheme: string): string[] {
  const all = hosts.split(',').flatMap((host) => [host, host.replace(/:\d+$/, '')]);
  return scheme.includes('+srv') ? [...all, hosts.replace(/^[^.]*\./, '')] : all;
}
