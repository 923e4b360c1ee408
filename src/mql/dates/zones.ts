import { badInput } from '../../errors.ts';
import { spellingOf } from './zone-names.ts';

/** A time zone: its offset from UTC in milliseconds at an instant. */
export interface Zone {
  readonly offsetAt: (utc: number) => number;
}

export const UTC: Zone = { offsetAt: () => 0 };

const MINUTE = 60_000;
const zones = new Map<string, Zone>();

/**
 * Finds a zone by IANA name ("Europe/Berlin"; case matters) or offset ("+05:30", "-0800", "+03").
 * @throws HydrogenError bad_input for a name that is neither
 */
export function findZone(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = createZone(name);
    // Names come from queries, so the cache must be bounded.
    if (zones.size > 500) zones.clear();
    zones.set(name, zone);
  }
  return zone;
}

function createZone(name: string): Zone {
  if (name === 'UTC' || name === 'GMT') return UTC;
  const match = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(name);
  if (match !== null) {
    const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
    const offset = (match[1] === '-' ? -minutes : minutes) * MINUTE;
    if (offset === 0) return UTC;
    return { offsetAt: () => offset };
  }
  return namedZone(name);
}

function namedZone(name: string): Zone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw badInput(`"${name}" is not a time zone. Use an IANA name or an offset such as "+02:00".`, {
      cause,
    });
  }
  const spelling = spellingOf(name, format.resolvedOptions().timeZone);
  if (spelling !== name) throw badInput(`"${name}" is not a time zone: the name is spelled "${spelling}".`);
  // Offsets change at multiples of 15 minutes, so one result is valid for a quarter of an hour.
  const known = new Map<number, number>();
  return {
    offsetAt(utc) {
      const quarter = Math.floor(utc / (15 * MINUTE));
      let offset = known.get(quarter);
      if (offset === undefined) {
        offset = measure(format, quarter * 15 * MINUTE);
        if (known.size > 10_000) known.clear();
        known.set(quarter, offset);
      }
      return offset;
    },
  };
}

function measure(format: Intl.DateTimeFormat, utc: number): number {
  const parts: { [type: string]: string } = {};
  for (const { type, value } of format.formatToParts(utc)) parts[type] = value;
  const number = (type: string): number => Number(parts[type]);
  const year = parts['era'] === 'BC' ? 1 - number('year') : number('year');
  const local = utcMillis(
    year,
    number('month') - 1,
    number('day'),
    number('hour'),
    number('minute'),
    number('second'),
  );
  return local - utc;
}

/** Date.UTC without its special case for the years 0 to 99; out-of-range parts carry over. */
export function utcMillis(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  ms = 0,
): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, second, ms);
  return date.getTime();
}

/** The local wall-clock time of an instant, as the UTC milliseconds with the same reading. */
export function toLocal(utc: number, zone: Zone): number {
  return utc + zone.offsetAt(utc);
}

/** The instant of a local wall-clock time; the earlier of two, or the end of a gap. */
export function fromLocal(local: number, zone: Zone): number {
  const first = local - zone.offsetAt(local - zone.offsetAt(local));
  if (first + zone.offsetAt(first) === local) {
    const before = local - zone.offsetAt(first - 24 * 60 * MINUTE);
    return before < first && before + zone.offsetAt(before) === local ? before : first;
  }
  return local - zone.offsetAt(first - 24 * 60 * MINUTE);
}
