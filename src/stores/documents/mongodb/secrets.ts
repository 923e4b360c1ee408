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
const shortest = 3;

/**
 * Knows the parts of one connection string. Anything that looks like a connection string goes too, whichever
 * it is.
 */
export function createRedactor(url: string): Redactor {
  const [, userInfo = '', hosts = ''] = /^mongodb(?:\+srv)?:\/\/(?:(.*)@)?([^/?]*)/s.exec(url) ?? [];
  const colon = userInfo.indexOf(':');
  const password = colon < 0 ? '' : userInfo.slice(colon + 1);
  const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
  const long = (parts: readonly string[]) => parts.filter((part) => part.length >= shortest);
  const secrets = long([url, userInfo, decoded(userInfo), password, decoded(password), user, decoded(user)]);
  const names = hosts.split(',').flatMap((host) => [host, host.replace(/:\d+$/, '')]);
  const addresses = long(names);
  const anyUrl = /mongodb(\+srv)?:\/\/\S+/gi;
  const forLog = (text: string): string => replaceAll(text, secrets).replace(anyUrl, hidden);
  return { forLog, forCaller: (text) => replaceAll(forLog(text), addresses) };
}
