const monthNames =
  'january february march april may june july august september october november december'.split(' ');

const iso =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const dayFirst = /^(\d{1,2})\.?\s+([a-z]{3,9})\.?,?\s+(\d{4})$/i;
const monthFirst = /^([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})$/i;

function monthOf(name: string): number {
  const low = name.toLowerCase();
  return (
    monthNames.findIndex(
      (month) => month === low || month.slice(0, 3) === low || (low === 'sept' && month === 'september'),
    ) + 1
  );
}

function day(year: string, month: number, date: string): string | undefined {
  const text = `${year}-${String(month).padStart(2, '0')}-${date.padStart(2, '0')}`;
  const parsed = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== text ? undefined : text;
}

/**
 * A date in one of the usual notations as ISO 8601, so that dates can be compared as text: `2026-03-01`, or with a time
 * `2026-03-01T09:30:00.000Z` (without a zone it counts as UTC). Ambiguous notations (`3/4/2026`) are not dates.
 * Undefined for other text.
 */
export function normalDate(text: string): string | undefined {
  const trimmed = text.trim();
  const found = iso.exec(trimmed);
  if (found) {
    const [, year = '', month = '', date = '', hour, minute = '00', second = '00', zone = 'Z'] = found;
    const whole = day(year, Number(month), date);
    if (whole === undefined || hour === undefined) return whole;
    const moment = new Date(
      `${whole}T${hour.padStart(2, '0')}:${minute}:${second}${zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`,
    );
    return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
  }
  const named = dayFirst.exec(trimmed);
  if (named)
    return monthOf(named[2] ?? '') > 0
      ? day(named[3] ?? '', monthOf(named[2] ?? ''), named[1] ?? '')
      : undefined;
  const american = monthFirst.exec(trimmed);
  if (!american || monthOf(american[1] ?? '') === 0) return undefined;
  return day(american[3] ?? '', monthOf(american[1] ?? ''), american[2] ?? '');
}

/** A value with its dates normalised, at any depth. */
export function withNormalDates(value: unknown): unknown {
  if (typeof value === 'string') return normalDate(value) ?? value;
  if (Array.isArray(value)) return value.map(withNormalDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withNormalDates(item)]));
}
