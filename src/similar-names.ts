/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours, each
 * costing 1 (Damerau 1964). Gives up beyond `max` and returns `max + 1`.
 */
function distance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    if (Math.min(...row) > max) return max + 1;
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? max + 1;
}

/** The last part of a path-like name, without its extension. */
function stem(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  const dot = last.lastIndexOf('.');
  return dot > 0 ? last.slice(0, dot) : last;
}

/** Up to how many edits two names are similar: a quarter of the length, and never the whole name. */
function maxEdits(name: string): number {
  return Math.min(name.length - 1, Math.max(1, Math.floor(name.length / 4)));
}

/** 0 means equal except for case; `undefined` means not similar. */
function rank(name: string, candidate: string): number | undefined {
  const max = maxEdits(name);
  const whole = distance(name, candidate, max);
  if (whole <= max) return whole;
  const [a, b] = [stem(name), stem(candidate)];
  if (a === '' || b === '') return undefined;
  // The right file in the wrong folder or with the wrong extension, or a name that is part of the other.
  const part = distance(a, b, maxEdits(a));
  if (part <= maxEdits(a)) return max + 1 + part;
  const contains = a.length > 2 && b.length > 2 && (b.includes(a) || a.includes(b));
  return contains ? max + a.length + Math.abs(a.length - b.length) : undefined;
}

/**
 * The candidates similar to a name that does not exist, closest first, for the suggestions of an error.
 * Case does not count; names with `/` are also compared by their last part.
 */
export function similarNames(name: string, candidates: Iterable<string>, max = 3): string[] {
  const wanted = name.toLowerCase();
  const ranked: { candidate: string; rank: number }[] = [];
  for (const candidate of candidates) {
    const found = rank(wanted, candidate.toLowerCase());
    if (found !== undefined) ranked.push({ candidate, rank: found });
  }
  ranked.sort((a, b) => a.rank - b.rank || (a.candidate < b.candidate ? -1 : 1));
  return ranked.slice(0, max).map((entry) => entry.candidate);
}
