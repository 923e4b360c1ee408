import { badInput, notSupported } from '../../errors.ts';
import type { Scope } from '../expressions/scope.ts';
import { toNumber } from '../values/numbers.ts';

/**
 * Reads "p" and "method" of $percentile (or $median, whose p is 0.5).
 * @throws HydrogenError bad_input, not_supported for methods other than "approximate"
 */
export function parsePercentiles(
  name: string,
  args: ReadonlyMap<string, unknown>,
  single: boolean,
  scope: Scope,
): number[] {
  const method = args.get('method');
  if (method === 'discrete' || method === 'continuous') throw notSupported(`method "${method}" of ${name}`);
  if (method !== 'approximate') throw badInput(`"method" of ${name} must be "approximate".`);
  if (single) return [0.5];
  const p = scope.compile(args.get('p'), scope)({});
  if (!Array.isArray(p) || p.length === 0) throw badInput(`"p" of ${name} must be a non-empty array.`);
  return p.map((item) => {
    const number = toNumber(item);
    if (!(number >= 0 && number <= 1)) throw badInput(`"p" of ${name} takes numbers from 0 to 1.`);
    return number;
  });
}

/** The percentiles of a list by nearest rank, as in MongoDB; null if the list is empty. */
export function percentiles(numbers: readonly number[], shares: readonly number[]): (number | null)[] {
  const sorted = numbers.filter((number) => !Number.isNaN(number)).sort((a, b) => a - b);
  return shares.map((share) => {
    const rank = Math.max(1, Math.ceil(share * sorted.length));
    return sorted[rank - 1] ?? null;
  });
}
