import { plural } from './queries.ts';

/** What is younger is as good as of this moment, ms. */
const newMs = 5_000;

const units: readonly (readonly [ms: number, name: string])[] = [
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
];

/** Says how old an answer is, with a leading space; '' where it is of this moment. */
export function ageNote(ageMs: number): string {
  if (ageMs < newMs) return '';
  const [ms, name] = units.find(([unit]) => ageMs >= unit) ?? [1_000, 'second'];
  const age = plural(Math.floor(ageMs / ms), name);
  return ` As it was ${age} ago: what other programs have changed since is not in it.`;
}
