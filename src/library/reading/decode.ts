import { analyse } from 'chardet';
import { Unreadable } from './loaders/loader.ts';

export interface Decoded {
  readonly text: string;
  /** The guessed encoding; absent when the file declares one. */
  readonly guessed?: string;
}

/** Bytes examined to guess an encoding. */
const sampleBytes = 64_000;
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

/** Whether bytes are UTF-16 text, in which half of them may be 0. */
export function isUtf16(bytes: Uint8Array): boolean {
  return (markOf(bytes) ?? unmarkedUtf16(bytes) ?? '').startsWith('utf-16');
}

/** The encoding that an HTML page or XML file declares in its first lines. */
function declaredOf(bytes: Uint8Array): string | undefined {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 1_024));
  return (
    /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(start)?.[1] ??
    /^<\?xml[^>]+encoding\s*=\s*["']([\w-]+)/i.exec(start)?.[1]
  );
}

function decoded(bytes: Uint8Array, encoding: string): string | undefined {
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
function hasControls(text: string): boolean {
  const controls = text.slice(0, sampleBytes).match(/\p{Cc}/gu) ?? [];
  return (
    controls.filter((character) => !textControls.has(character)).length >
    Math.min(text.length, sampleBytes) / 200
  );
}

function guess(bytes: Uint8Array): Decoded | undefined {
  for (const { name, confidence } of analyse(bytes.subarray(0, sampleBytes))) {
    if (confidence < minConfidence) break;
    const text = decoded(bytes, labelOf(name));
    if (text !== undefined && !hasControls(text)) return { text, guessed: labelOf(name) };
  }
  const western = decoded(bytes, 'windows-1252');
  return western !== undefined && !hasControls(western)
    ? { text: western, guessed: 'windows-1252' }
    : undefined;
}

function read(bytes: Uint8Array): Decoded | undefined {
  const mark = markOf(bytes);
  const certain = decoded(bytes, mark ?? unmarkedUtf16(bytes) ?? 'utf-8');
  if (certain !== undefined) return { text: certain };
  if (bytes.subarray(0, sampleBytes).includes(0)) return undefined;
  const declared = declaredOf(bytes);
  const text = declared === undefined ? undefined : decoded(bytes, declared);
  return text === undefined ? guess(bytes) : { text };
}

/**
 * The text of a file: by its byte order mark, as UTF-8, by what it declares, or by a guess at older encodings. Line
 * endings become `\n`, and the last one is dropped, so that splitting at `\n` gives the lines.
 * @throws Unreadable for anything but text
 */
export function decodeText(bytes: Uint8Array): Decoded {
  const found = read(bytes);
  if (!found || hasControls(found.text)) throw new Unreadable('not text (in no known encoding)');
  if (found.text.includes('\0')) throw new Unreadable('not text (has NUL characters)');
  return { ...found, text: found.text.replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n').replace(/\n$/, '') };
}
