type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('toJSON' in value);

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

function sorted(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort(byName)) : value;
}

/**
 * JSON without spaces and with members in the order of their names: the same value is always the same text. For the
 * names that records have, it is that of RFC 8785.
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sorted) ?? 'null';
