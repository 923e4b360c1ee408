import {
  createUtf8Tally,
  decoded,
  guessEncoding,
  hasControls,
  isDamagedUtf8,
  sampleBytes,
  shownEncoding,
} from '../../tables/encoding.ts';
import { Unreadable } from './loaders/loader.ts';

export interface Decoded {
  readonly text: string;
  /** The guessed encoding; absent when the file declares one. */
  readonly guessed?: string;
  /** Bytes of UTF-8 text that are no characters, and became `�`. */
  readonly damaged?: number;
}

/** The encoding that an HTML page or XML file declares in its first lines. */
function declaredOf(bytes: Uint8Array): string | undefined {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 1_024));
  return (
    /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(start)?.[1] ??
    /^<\?xml[^>]+encoding\s*=\s*["']([\w-]+)/i.exec(start)?.[1]
  );
}

function guess(bytes: Uint8Array): Decoded | undefined {
  const tally = createUtf8Tally();
  tally.add(bytes);
  tally.end();
  if (isDamagedUtf8(tally)) return { text: new TextDecoder().decode(bytes), damaged: tally.invalid };
  const encoding = guessEncoding(tally.sample());
  const text = encoding === undefined ? undefined : decoded(bytes, encoding);
  if (text !== undefined) return { text, guessed: encoding ?? '' };
  // What the sample did not show.
  const western = decoded(bytes, 'windows-1252');
  return western === undefined ? undefined : { text: western, guessed: 'windows-1252' };
}

/** UTF-32, which the web does not know: by its mark, or by the byte that is 0 in every character of Unicode. */
function utf32(bytes: Uint8Array): string | undefined {
  const length = bytes.length >> 2;
  if (length === 0 || bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isCharacter = (code: number): boolean =>
    code > 0 && code <= 0x10_ff_ff && !(code >= 0xd800 && code <= 0xdfff);
  for (const little of [true, false]) {
    const parts: string[] = [];
    for (let i = 0; i < length; i++) {
      const code = view.getUint32(4 * i, little);
      if (!isCharacter(code)) break;
      parts.push(String.fromCodePoint(code));
    }
    if (parts.length === length) return parts.join('').replace(/^\ufeff/, '');
  }
  return undefined;
}

function read(bytes: Uint8Array): Decoded | undefined {
  const wide = utf32(bytes);
  if (wide !== undefined) return { text: wide };
  const certain = decoded(bytes, shownEncoding(bytes) ?? 'utf-8');
  if (certain !== undefined) return { text: certain };
  if (bytes.subarray(0, sampleBytes).includes(0)) return undefined;
  const declared = declaredOf(bytes);
  const text = declared === undefined ? undefined : decoded(bytes, declared);
  return text === undefined ? guess(bytes) : { text };
}

/**
 * The text of a file: by its byte order mark, as UTF-16, UTF-32 or UTF-8, by what it declares, or by a guess at older encodings. Line
 * endings become `\n`, and the last one is dropped, so that splitting at `\n` gives the lines.
 * @throws Unreadable for anything but text
 */
export function decodeText(bytes: Uint8Array): Decoded {
  const found = read(bytes);
  if (!found || hasControls(found.text)) throw new Unreadable('not text (in no known encoding)');
  if (found.text.includes('\0')) throw new Unreadable('not text (has NUL characters)');
  return { ...found, text: found.text.replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n').replace(/\n$/, '') };
}
