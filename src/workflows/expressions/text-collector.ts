/** Text that arrives as UTF-8 in pieces. */
export interface TextCollector {
  add(piece: Uint8Array): void;
  /** The text received so far, up to the limit. */
  text(): string;
  /** Number of characters (UTF-16 units) received, including those beyond the limit. */
  length(): number;
}

/** Keeps up to `limit` characters (plus the piece that exceeds it) and only counts the rest. */
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
