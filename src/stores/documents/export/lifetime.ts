/** How long an export can be fetched where the settings say nothing, ms. */
export const usualLifetimeMs = 24 * 60 * 60 * 1_000;

const units: readonly (readonly [ms: number, one: string, many: string])[] = [
  [86_400_000, 'a day', 'days'],
  [3_600_000, 'an hour', 'hours'],
  [60_000, 'a minute', 'minutes'],
];

/** A length of time for a sentence, not longer than it is: `a day`, `12 hours`. */
export function timeInWords(ms: number): string {
  const [size, one, many] = units.find(([unit]) => ms === unit || ms >= 2 * unit) ?? [
    1_000,
    'a second',
    'seconds',
  ];
  const count = Math.floor(ms / size);
  return count === 1 ? one : `${count} ${many}`;
}
