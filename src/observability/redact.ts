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
 * Characters of a secret that is known by its text. A shorter one could be guessed by what is hidden of a text that the
 * guesser has sent, and might be a word.
 */
const minKnownLength = 16;
/** Different characters in it: a line of dashes or stars is no secret. */
const minKnownCharacters = 6;
/** Settings are read again and again; the oldest secrets are forgotten. */
const maxKnown = 500;

/** Texts that are secrets of this process, in the forms in which they are found in others. */
const known = new Set<string>();
/** A secret may begin with another one, as where characters were added to a password. */
let longestFirst: readonly string[] = [];

/** A part of a URL as it is meant; one that is not encoded well as it stands. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What must not be seen of a secret: of a connection string the password, or else the user, who is then a token. */
function secretParts(text: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return [text, ...text.split(/\s+/)];
  return text.split(/,(?=\s*[a-z][a-z0-9+.-]*:\/\/)/i).flatMap((url) => {
    const [, userInfo = ''] = /:\/\/(.*)@/s.exec(url) ?? [];
    const secret = userInfo.slice(userInfo.indexOf(':') + 1);
    return [secret, decoded(secret)];
  });
}

/** From here on the text, or each of its words, is taken for a credential wherever it stands. */
export function neverShow(text: string): void {
  const long = secretParts(text).filter(
    (part) => part.length >= minKnownLength && new Set(part).size >= minKnownCharacters,
  );
  for (const part of long) {
    for (const form of [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part)]) {
      known.delete(form);
      known.add(form);
    }
  }
  for (const oldest of known) {
    if (known.size <= maxKnown) break;
    known.delete(oldest);
  }
  longestFirst = [...known].sort((a, b) => b.length - a.length);
}

function withoutKnown(text: string): string {
  let rest = text;
  for (const secret of longestFirst) if (rest.includes(secret)) rest = rest.replaceAll(secret, hidden);
  return rest;
}

/**
 * Removes credentials from a text: the secrets of the settings, API keys and signed tokens, and in URLs user and password,
 * and query parameters named like secrets. Other text is unchanged.
 */
export function withoutCredentials(text: string): string {
  const others = withoutKnown(text);
  return withoutUrlCredentials(
    others.includes('hyd_') || others.includes('eyJ') ? withoutTokens(others) : others,
  );
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
