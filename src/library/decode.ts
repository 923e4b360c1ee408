import { Unreadable } from './loaders/unreadable.ts';

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

/**
 * The text of a file: UTF-8, or UTF-16 with a byte order mark. Line endings become `\n`, and the last one
 * is dropped, so that splitting at `\n` gives the lines.
 * @throws Unreadable when it is not text.
 */
export function decodeText(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    throw new Unreadable('not text (neither UTF-8 nor UTF-16)');
  }
  if (text.includes('\0')) throw new Unreadable('not text (it has NUL characters)');
  return text.replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n').replace(/\n$/, '');
}
