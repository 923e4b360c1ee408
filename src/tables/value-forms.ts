// What a text looks like: a number or a date. How much is taken for one depends on what follows from it.

const loose = {
  number: /^[-+]?(\d+([.,]\d+)?|\.\d+)([eE][+-]?\d+)?\s*%?$/,
  date: /^(\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{2,4})([T ]\d\d?:\d\d(:\d\d)?.*)?$/,
};

/** Whether a cell is a value rather than a name, in any usual notation. */
export const isData = (cell: string): boolean =>
  loose.number.test(cell.trim()) || loose.date.test(cell.trim());

/** What becomes a value of a type, since nothing of the text is lost. */
export const convertible = {
  integer: /^-?(0|[1-9]\d*)$/,
  // A leading zero or an explicit plus sign means a code (a postcode, a phone number), not a number.
  number: /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/,
  boolean: /^(true|false)$/i,
  // Without a time zone the moment is unknown, and digits beyond milliseconds would be lost: these stay text.
  date: /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d))?$/,
};

/** What somebody who asks for a text may mean: `007` a 7, a moment without a zone one in UTC. */
export const meant = {
  number: /^(?=.{1,34}$)[+-]?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i,
  date: /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/,
};

/** The moment of an ISO 8601 text, UTC where it names no zone; undefined for a day its month does not have. */
export function momentOf(text: string): Date | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(
    text,
  );
  if (!parts) return undefined;
  const [, day = '', time = '00:00', zone = 'Z'] = parts;
  const midnight = new Date(`${day}T00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return undefined;
  const offset = zone === 'Z' ? zone : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
  const moment = new Date(`${day}T${time}${offset}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
