/** What a password with `#`, `/` or `%` in it leads to; no sentence about a URL shows it. */
export const encodingHint = 'percent-encode special characters in user and password';

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a client reads from the URL what was meant. An `@` behind the host is the end of a password that was cut off by a
 * `/`, `?` or `#` in it.
 */
export function isServerUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.hostname === '') return false;
  if (/@/.test(url.pathname + url.search + url.hash)) return false;
  return isDecodable(url.username) && isDecodable(url.password);
}

/** Servers of a cluster, separated by commas, each of the scheme that the setting has. */
export function areNatsUrls(text: string): boolean {
  return text.split(',').every((part) => /^\s*(nats|tls):\/\//.test(part) && isServerUrl(part.trim()));
}

/** Clients of such servers would leave out a user without a word. */
export function hasNoUser(text: string): boolean {
  const url = URL.parse(text);
  return !url || (url.username === '' && url.password === '' && !/@/.test(url.pathname));
}
