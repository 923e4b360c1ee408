import { badInput } from '../errors.ts';

/** @throws HydrogenError `bad_input` for text that is not a whole number. */
export function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw badInput(`${name} must be a whole number, not "${text}".`);
  return Number(text);
}

/** Milliseconds of each unit. */
const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * A time such as `90s`, `30m`, `12h`, `30d` or `2w`; ms.
 * @throws HydrogenError `bad_input` for any other text
 */
export function duration(name: string, text: string): number {
  if (text === '0') return 0;
  const [, count, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (units[unit] ?? 0);
  throw badInput(`${name} takes a time such as 90s, 30m, 12h, 30d or 2w, not "${text}".`);
}

/**
 * A moment: a date, or how long ago (`90d`). Milliseconds since the epoch.
 * @throws HydrogenError `bad_input` for any other text
 */
export function moment(name: string, text: string): number {
  if (/^\d+[smhdw]$/.test(text)) return Date.now() - duration(name, text);
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    throw badInput(`${name} is a date such as 2026-01-31, or how long ago, such as 7d, not "${text}".`);
  }
  return at;
}
