/** Initial number of entries; it doubles as it fills. */
const startSize = 1 << 10;

/**
 * Counts how often a hash has occurred, in about 16 bytes per hash: a Map would need several times that, and a file
 * without ids may have millions of documents.
 * @returns a function that takes a hash of at least 8 bytes and returns how many equal ones came before
 */
export function createOccurrences(): (hash: Uint8Array) => number {
  let mask = startSize - 1;
  let used = 0;
  // Two halves of a hash and its count; a count of 0 marks a free slot.
  let table = new Uint32Array(startSize * 3);

  function placeOf(low: number, high: number): number {
    let place = low & mask;
    for (;;) {
      const at = place * 3;
      if (table[at + 2] === 0 || (table[at] === low && table[at + 1] === high)) return at;
      place = (place + 1) & mask;
    }
  }

  function grow(): void {
    const old = table;
    mask = 2 * (mask + 1) - 1;
    table = new Uint32Array((mask + 1) * 3);
    for (let at = 0; at < old.length; at += 3) {
      if (old[at + 2] === 0) continue;
      table.set(old.subarray(at, at + 3), placeOf(old[at] ?? 0, old[at + 1] ?? 0));
    }
  }

  return (hash) => {
    const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
    const low = view.getUint32(0, true);
    const high = view.getUint32(4, true);
    if (used * 3 > mask * 2) grow();
    const at = placeOf(low, high);
    const before = table[at + 2] ?? 0;
    if (before === 0) used++;
    table[at] = low;
    table[at + 1] = high;
    table[at + 2] = before + 1;
    return before;
  };
}
