/** Takes connection secrets out of text; `hosts` too where it is meant for a caller. */
export interface Redactor {
  forLog(text: string): string;
  forCaller(text: string): string;
}

const hidden = '…';

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function replaceAll(text: string, parts: readonly string[]): string {
  return parts.reduce((rest, part) => rest.replaceAll(part, hidden), text);
}

/** Secrets that are shorter would take words apart, and are found in the whole of the string anyway. */
const minLength = 3;

/**
 * Knows the parts of one connection string. Anything that looks like a connection string goes too, whichever
 * it is.
 */
export function createRedactor(url: string): Redactor {
  const long = (parts: readonly string[]) => parts.filter((part) => part.length >= minLength);
  // Where the hosts begin is told by the last "@" before them; it is not known which that is when there are more.
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

/** Behind a DNS name there are hosts of the same domain. */
function addressesOf(hosts: string, scheme: string): string[] {
  const all = hosts.split(',').flatMap((host) => [host, host.replace(/:\d+$/, '')]);
  return scheme.includes('+srv') ? [...all, hosts.replace(/^[^.]*\./, '')] : all;
}
