const hidden = '…';

/** Also a single slash, where a URL was normalised as a path, and slashes as JSON Pointer escapes them. */
const slashes = String.raw`(?:\/{1,2}|~1~1)`;
/** The start of a URL. All lengths are bounded, so that no text takes long to match. */
const begin = String.raw`\b[a-z][a-z0-9+.-]{1,20}:${slashes}`;
/** Inside JSON a quote is escaped. */
const part = String.raw`(?:\\.|[^\s"\\])`;

const web = '(?:https?|wss?):';
const user = String.raw`[^\s/?#@:"]{0,200}:`;

/**
 * User and password; a password may contain unescaped characters, up to the last "@". Only in web URLs are digits
 * before a slash taken for a port: their paths often contain "@", whereas in a database URL it can only follow a
 * password.
 */
const userInfo = [
  new RegExp(String.raw`(\b${web}${slashes})${user}(?!\d{1,5}(?:[/\s"]|$))${part}{0,300}@`, 'gi'),
  new RegExp(String.raw`((?!\b${web})${begin})${user}${part}{0,300}@`, 'gi'),
  new RegExp(String.raw`(${begin})(?:\\.|[^\s/?#"\\]){1,1000}@`, 'gi'),
];
const url = new RegExp(`${begin}${part}{1,5000}`, 'gi');
const secretParameter =
  /([?&;#](?:[\w.-]{0,40}(?:token|key|secret|signature|password|passwd|credentials?)|sig|pwd|pass|auth|code)=)(?:\\.|[^\s&#;"\\])*/gi;

/** API keys of this server; the id in them is no secret. */
const apiKey = /\b(hyd_[0-9a-f]{12}_)[0-9A-Za-z]{20,49}/g;
/** Signed tokens (JWT): a header and claims are JSON objects, so that both begin with `{"`. */
const signedToken = /\b(eyJ[\w-]{5,2000}\.)eyJ[\w-]{5,8000}\.[\w-]{10,2000}/g;

const withoutTokens = (text: string): string =>
  [apiKey, signedToken].reduce((rest, pattern) => rest.replace(pattern, `$1${hidden}`), text);

/**
 * Removes credentials from a text: API keys and signed tokens, and in URLs user and password, and query parameters named
 * like secrets. Other text is unchanged.
 */
export function withoutCredentials(text: string): string {
  return withoutUrlCredentials(text.includes('hyd_') || text.includes('eyJ') ? withoutTokens(text) : text);
}

function withoutUrlCredentials(text: string): string {
  if (!text.includes(':/') && !text.includes(':~1')) return text;
  const named = userInfo.reduce((rest, pattern) => rest.replace(pattern, `$1${hidden}@`), text);
  return named.replace(url, (match) => match.replace(secretParameter, `$1${hidden}`));
}

/** As `withoutCredentials`, for every string in a JSON value. */
export function redacted<T>(value: T): T;
export function redacted(value: unknown): unknown {
  if (typeof value === 'string') return withoutCredentials(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redacted(inner)]));
}

/** As `withoutCredentials`, but hides the whole query: for printed settings. */
export function withoutQueries(text: string): string {
  return withoutCredentials(text).replace(url, (match) => match.replace(/[?#].*/s, `?${hidden}`));
}
