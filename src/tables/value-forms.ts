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
