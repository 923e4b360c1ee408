/** Chunk numbers in ascending order, and how often the term stands in each. */
export interface Postings {
  readonly chunks: number[];
  readonly counts: number[];
}

/** Varints of (difference to the chunk before, occurrences): two to four bytes a posting. */
export function encodePostings({ chunks, counts }: Postings): Uint8Array {
  const bytes: number[] = [];
  const push = (value: number): void => {
    let rest = value;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  };
  let before = 0;
  for (const [i, chunk] of chunks.entries()) {
    push(chunk - before);
    push(counts[i] ?? 1);
    before = chunk;
  }
  return Uint8Array.from(bytes);
}

/** Calls `visit` for every posting of a blob, in ascending order of chunk number. */
export function visitPostings(blob: Uint8Array, visit: (chunk: number, count: number) => void): void {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = blob[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  let chunk = 0;
  while (at < blob.length) {
    chunk += next();
    visit(chunk, next());
  }
}
