/** Text that arrives as UTF-8 in pieces. */
export interface TextCollector {
  add(piece: Uint8Array): void;
  /** What has arrived, without what comes after the limit. */
  text(): string;
  /** How many characters (UTF-16 units) have arrived, also beyond the limit. */
  length(): number;
}

/** Keeps what fits into `limit` characters (and the piece that exceeds it) and counts the rest. */
export function createTextCollector(limit: number): TextCollector {
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let length = 0;
  return {
    add(piece) {
      const text = decoder.decode(piece, { stream: true });
      if (length <= limit) pieces.push(text);
      length += text.length;
    },
    text: () => pieces.join(''),
    length: () => length,
  };
}
