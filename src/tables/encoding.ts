import { analyse } from 'chardet';
import { encodingByLetters } from './encoding-by-letters.ts';

/** Bytes examined to guess an encoding. */
export const sampleBytes = 64_000;
/** Guesses of `chardet` below this confidence (of 100) are discarded. */
const minConfidence = 25;

function markOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf-8' : undefined;
}

/** UTF-16 without a byte order mark: every other byte of Western text is 0. */
function unmarkedUtf16(bytes: Uint8Array): string | undefined {
  const pairs = Math.min(bytes.length, 4_000) >> 1;
  let [even, odd] = [0, 0];
  for (let i = 0; i < pairs; i++) {
    if (bytes[2 * i] === 0) even++;
    if (bytes[2 * i + 1] === 0) odd++;
  }
  if (pairs < 2 || bytes.length % 2 === 1) return undefined;
  if (odd > pairs * 0.7 && even < pairs * 0.1) return 'utf-16le';
  return even > pairs * 0.7 && odd < pairs * 0.1 ? 'utf-16be' : undefined;
}

/** The encoding that the first bytes show, of a file or of its beginning. */
export function shownEncoding(bytes: Uint8Array): string | undefined {
  return markOf(bytes) ?? unmarkedUtf16(bytes);
}

/** Whether bytes are UTF-16 text, in which half of them may be 0. */
export function isUtf16(bytes: Uint8Array): boolean {
  return (shownEncoding(bytes) ?? '').startsWith('utf-16');
}

/** The name of an encoding as the web has it; undefined for one that is not known. */
export function knownEncoding(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

export function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The web reads ISO 8859-1 as windows-1252, which has quotes and dashes where ISO has control characters. */
function labelOf(name: string): string {
  return /^iso-8859-1$/i.test(name) ? 'windows-1252' : name.toLowerCase();
}

/** Control characters that occur in real text; NUL is checked separately. */
const textControls = new Set('\t\n\v\f\r\u001b\u0085\0');

/** Whether there are many control characters that text does not contain, as when binary data is decoded. */
export function hasControls(text: string): boolean {
  const controls = text.slice(0, sampleBytes).match(/\p{Cc}/gu) ?? [];
  return (
    controls.filter((character) => !textControls.has(character)).length >
    Math.min(text.length, sampleBytes) / 200
  );
}

/** First bytes of the frequent characters of encodings with two bytes a character: kana, and what is taught first. */
const frequent: Readonly<Record<string, (lead: number) => boolean>> = {
  shift_jis: (lead) => lead >= 0x82 && lead <= 0x97,
  'euc-jp': (lead) => lead === 0xa4 || lead === 0xa5 || (lead >= 0xb0 && lead <= 0xcf),
  gb18030: (lead) => lead >= 0xb0 && lead <= 0xd7,
  big5: (lead) => lead >= 0xa4 && lead <= 0xc6,
};

/** The share of frequent characters among those of two bytes, were it this encoding. */
function frequentShare(bytes: Uint8Array, isFrequent: (lead: number) => boolean): number {
  let [all, found] = [0, 0];
  for (let i = 0; i < bytes.length; i++) {
    const lead = bytes[i] ?? 0;
    if (lead < 0x80) continue;
    all++;
    if (isFrequent(lead)) found++;
    i++;
  }
  return all === 0 ? 0 : found / all;
}

/** Encodings of languages that are written with ASCII letters for the most part. */
const latin = /^(windows-125[0247]|iso-8859-([12349]|1[0-6]))$/;

/** A few words in East Asian characters, too few for `chardet`: most bytes belong to a frequent character. */
function eastAsian(bytes: Uint8Array, names: readonly string[]): string | undefined {
  const letters = bytes.filter((byte) => byte >= 0x80 || (byte >= 0x41 && byte <= 0x7a));
  const high = letters.filter((byte) => byte >= 0x80);
  if (high.length < letters.length * 0.5) return undefined;
  return names.find((name) => {
    const isFrequent = frequent[name];
    if (isFrequent === undefined || decoded(bytes, name) === undefined) return false;
    return frequentShare(bytes, isFrequent) > 0.9;
  });
}

/** The encoding of text that is not UTF-8, guessed from a part of it; undefined where it is not text. */
export function guessEncoding(sample: Uint8Array): string | undefined {
  const start = sample.subarray(0, sampleBytes);
  const fits = (encoding: string): boolean => {
    // A sample may end inside a character.
    const text = decoded(start, encoding) ?? decoded(start.subarray(0, -1), encoding);
    return text !== undefined && !hasControls(text);
  };
  const guesses = analyse(start).map(({ name, confidence }) => ({ name: labelOf(name), confidence }));
  const sure = guesses.find(({ name, confidence }) => confidence >= minConfidence && fits(name));
  const byLetters = encodingByLetters(start, decoded);
  if (byLetters !== undefined) return byLetters;
  if (sure && !latin.test(sure.name)) return sure.name;
  const asian = eastAsian(
    start,
    guesses.map(({ name }) => name),
  );
  return asian ?? sure?.name ?? (fits('windows-1252') ? 'windows-1252' : undefined);
}

/** How much of a text is UTF-8, and a sample of what is not ASCII. */
export interface Utf8Tally {
  add(bytes: Uint8Array): void;
  end(): void;
  /** Characters of several bytes. */
  readonly valid: number;
  /** Bytes that belong to no character. */
  readonly invalid: number;
  sample(): Uint8Array;
}

/** How many bytes of a character follow its first one; undefined for a byte that begins none. */
function followers(lead: number): number | undefined {
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  return lead >= 0xf0 && lead <= 0xf4 ? 3 : undefined;
}

export function createUtf8Tally(): Utf8Tally {
  const parts: Uint8Array[] = [];
  let sampled = 0;
  let [valid, invalid] = [0, 0];
  /** Bytes of the character that is still missing, and of what is there of it. */
  let [missing, begun] = [0, 0];

  function breakOff(): void {
    invalid += begun;
    [missing, begun] = [0, 0];
  }

  function take(byte: number): void {
    if (missing > 0 && (byte & 0xc0) === 0x80) {
      begun++;
      missing--;
      if (missing === 0) {
        valid++;
        begun = 0;
      }
      return;
    }
    breakOff();
    if (byte < 0x80) return;
    const following = followers(byte);
    if (following === undefined) invalid++;
    else [missing, begun] = [following, 1];
  }

  return {
    get valid() {
      return valid;
    },
    get invalid() {
      return invalid;
    },
    add(bytes) {
      const first = bytes.findIndex((byte) => byte >= 0x80);
      if (first < 0 && missing === 0) return;
      if (first >= 0 && sampled < sampleBytes) {
        const line = bytes.lastIndexOf(0x0a, first) + 1;
        const part = bytes.slice(line, line + sampleBytes - sampled);
        parts.push(part);
        sampled += part.length;
      }
      for (const byte of bytes) take(byte);
    },
    end: breakOff,
    sample: () => Buffer.concat(parts),
  };
}

/** Whether a text with bytes that are no UTF-8 is UTF-8 all the same, but for a few that were damaged. */
export function isDamagedUtf8({ valid, invalid }: Pick<Utf8Tally, 'valid' | 'invalid'>): boolean {
  return valid > 4 * invalid;
}
