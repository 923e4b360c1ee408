const hidden = '…';

/** One slash where a path was made of a URL, and as JSON pointers write them. */
const slashes = String.raw`(?:\/{1,2}|~1~1)`;
/** Where a URL begins. Lengths are bounded, so that no text takes long. */
const begin = String.raw`\b[a-z][a-z0-9+.-]{1,20}:${slashes}`;
/** Inside JSON a quote is escaped. */
const part = String.raw`(?:\\.|[^\s"\\])`;

const web = '(?:https?|wss?):';
const user = String.raw`[^\s/?#@:"]{0,200}:`;

/**
 * User and password; a password may hold what should have been escaped, up to the last "@". Only on the web are
 * numbers before a slash a port: an "@" is usual in a path there, and nothing but a password in the URL of a database.
 */
const userInfo = [
  new RegExp(String.raw`(\b${web}${slashes})${user}(?!\d{1,5}(?:[/\s"]|$))${part}{0,300}@`, 'gi'),
  new RegExp(String.raw`((?!\b${web})${begin})${user}${part}{0,300}@`, 'gi'),
  new RegExp(String.raw`(${begin})(?:\\.|[^\s/?#"\\]){1,1000}@`, 'gi'),
];
const url = new RegExp(`${begin}${part}{1,5000}`, 'gi');
const secretParameter =
  /([?&;#](?:[\w.-]{0,40}(?:token|key|secret|signature|password|passwd|credentials?)|sig|pwd|pass|auth|code)=)(?:\\.|[^\s&#;"\\])*/gi;

/**
 * The text with the credentials taken out of its URLs: user and password, and what is named like a secret in the
 * query. Other text stays as it is.
 */
export function withoutCredentials(text: string): string {
  if (!text.includes(':/') && !text.includes(':~1')) return text;
  const named = userInfo.reduce((rest, pattern) => rest.replace(pattern, `$1${hidden}@`), text);
  return named.replace(url, (match) => match.replace(secretParameter, `$1${hidden}`));
}

/** As `withoutCredentials`, for every text in a value of JSON. */
export function redacted<T>(value: T): T;
export function redacted(value: unknown): unknown {
  if (typeof value === 'string') return withoutCredentials(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redacted(inner)]));
}

/** As `withoutCredentials`; of a setting's URL nothing of the query is shown. */
export function withoutQueries(text: string): string {
  return withoutCredentials(text).replace(url, (match) => match.replace(/[?#].*/s, `?${hidden}`));
}
