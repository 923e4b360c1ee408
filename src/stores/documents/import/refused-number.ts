import { HydrogenError } from '../../../errors.ts';
import { exactNumber, parseJsonNumbers } from '../../../mql/formats.ts';

/** A value that a document cannot have: the path of its field, and why. */
export interface RefusedValue {
  readonly path: string;
  readonly reason: string;
}

/** The path of the first value in JSON that is found; documents cannot be nested deeper than 500 levels. */
function pathOf(value: unknown, isFound: (value: unknown) => boolean, depth = 0): string[] | undefined {
  if (isFound(value)) return [];
  if (typeof value !== 'object' || value === null || depth > 500) return undefined;
  for (const [name, item] of Object.entries(value)) {
    const below = pathOf(item, isFound, depth + 1);
    if (below !== undefined) return [name, ...below];
  }
  return undefined;
}

/** The first number in a field of a document that neither a 64-bit integer nor a double holds; undefined where there is none. */
export function refusedNumber(text: string): RefusedValue | undefined {
  /** By what stands in the place of each. */
  const refused = new Map<unknown, string>();
  const read = (source: string): unknown => {
    try {
      return exactNumber(source);
    } catch (error) {
      if (!(error instanceof HydrogenError)) throw error;
      const mark = {};
      refused.set(mark, error.message);
      return mark;
    }
  };
  const value = parseJsonNumbers(text, read);
  if (refused.size === 0) return undefined;
  let reason = '';
  const path = pathOf(value, (found) => {
    reason = refused.get(found) ?? reason;
    return refused.has(found);
  });
  return path && path.length > 0 ? { path: path.join('.'), reason } : undefined;
}
