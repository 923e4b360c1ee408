const utf16: Readonly<Record<string, string>> = { fffe: 'utf-16le', feff: 'utf-16be' };

/** The text of a file in UTF-8, or in UTF-16 with a byte order mark; undefined when it is neither. */
export function decodeText(bytes: Buffer): string | undefined {
  const encoding = utf16[bytes.toString('hex', 0, 2)] ?? 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
