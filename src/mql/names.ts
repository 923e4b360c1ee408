import { badInput, type HydrogenError, notSupported } from '../errors.ts';

/** The names that resemble `name`, nearest first, at most three: for hints in errors. */
export function nearNames(name: string, known: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  const scored: [number, string][] = [];
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance <= Math.max(1, Math.floor(wanted.length / 4))) scored.push([distance, candidate]);
  }
  return scored
    .sort((a, b) => a[0] - b[0])
    .slice(0, 3)
    .map(([, candidate]) => candidate);
}

// Levenshtein distance, one row at a time.
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The error for a name that MongoDB does not have either; `kind` as in "query operator". */
export function unknownName(kind: string, name: string, known: Iterable<string>): HydrogenError {
  const near = nearNames(name, known);
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return badInput(`Unknown ${kind} ${name}.${hint}`, { near });
}

/** An error for a name that MongoDB has (listed in `refused` with a hint) or nobody has. */
export function refusedOrUnknown(
  kind: string,
  name: string,
  known: Iterable<string>,
  refused: { readonly [name: string]: string },
): HydrogenError {
  const hint = Object.hasOwn(refused, name) ? refused[name] : undefined;
  return hint === undefined ? unknownName(kind, name, known) : notSupported(name, hint || undefined);
}
