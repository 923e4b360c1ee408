/** Chunk numbers in ascending order, and how often the term occurs in each. */
export interface Postings {
  readonly chunks: number[];
  readonly counts: number[];
}

/** Varints of (difference to the previous chunk, occurrences): two to four bytes per posting. */
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

/** Postings in growable arrays that are reused. */
export interface PostingList {
  size: number;
  chunks: Int32Array;
  counts: Int32Array;
}

export function emptyPostings(): PostingList {
  return { size: 0, chunks: new Int32Array(1_024), counts: new Int32Array(1_024) };
}

function reserve(list: PostingList, size: number): void {
  if (size <= list.chunks.length) return;
  for (const name of ['chunks', 'counts'] as const) {
    const longer = new Int32Array(size * 2);
    longer.set(list[name].subarray(0, list.size));
    list[name] = longer;
  }
}

/** Appends the postings of a blob whose chunk has a length, meaning that it still exists. */
export function appendPostings(blob: Uint8Array, lengths: Int32Array, list: PostingList): void {
  // A posting takes at least two bytes.
  reserve(list, list.size + (blob.length >> 1));
  const { chunks, counts } = list;
  let size = list.size;
  let chunk = 0;
  let at = 0;
  // The varints are decoded inline: a function call for each would take longer than everything else.
  while (at < blob.length) {
    let byte = blob[at++] as number;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = blob[at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    chunk += value;
    byte = blob[at++] as number;
    value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = blob[at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    if ((lengths[chunk] ?? -1) < 0) continue;
    chunks[size] = chunk;
    counts[size++] = value;
  }
  list.size = size;
}
