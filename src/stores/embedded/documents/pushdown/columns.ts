/** The text of a column whose path crosses an array, so that only the BSON has the answer. */
export const THROUGH_ARRAY = '["?",0]';

/** A value bound to a named SQL parameter. */
export type Parameter = string | number | bigint | null;

/** The values bound to one SQL statement. */
export interface Parameters {
  readonly values: Record<string, Parameter>;
  /** Columns whose conditions share these values. */
  columns(): Columns;
}

/** The paths that one SELECT reads, and the values they are compared with. */
export interface Columns {
  /**
   * The name of the column for a path; `undefined` for a path that SQL cannot follow. NULL is a missing field, a number
   * is a number, and text is what `scalars.ts` and `fields.ts` write.
   */
  of(path: string): string | undefined;
  /** Binds a value and returns its parameter name. */
  parameter(value: Parameter): string;
  /** Whether this many more parameters fit. */
  hasRoom(more: number): boolean;
  /** `, expression AS name` for every column. */
  sql(): string;
}

const MAX_PARTS = 8;
/** Maximum conditions and values per statement, far below SQLite's limits (1,000 levels, 2,000 columns). */
const MAX_CONDITIONS = 100;
const MAX_PARAMETERS = 5000;
// Characters that would need escaping in an SQLite path, or have a special meaning there.
const AWKWARD = /["\\\p{Cc}]/u;

function jsonPath(parts: readonly string[]): string {
  return `'$${parts.map((part) => `."${part.replaceAll("'", "''")}"`).join('')}'`;
}

// Where the path does not exist, its nearest existing parent shows whether an array is in the way.
function columnSql(parts: readonly string[]): string {
  const value = `json_extract(fields, ${jsonPath(parts)})`;
  if (parts.length === 1) return value;
  const parents = parts.slice(1).map((_, i) => `json_type(fields, ${jsonPath(parts.slice(0, -1 - i))})`);
  const nearest = parents.length === 1 ? parents[0] : `coalesce(${parents.join(', ')})`;
  return `coalesce(${value}, CASE ${nearest} WHEN 'array' THEN '${THROUGH_ARRAY}' END)`;
}

export function createParameters(): Parameters {
  const values: Record<string, Parameter> = {};
  let count = 0;
  let conditions = 0;
  let columnCount = 0;
  const columns = (): Columns => {
    const names = new Map<string, string>();
    const expressions: string[] = [];
    return {
      of(path) {
        if (++conditions > MAX_CONDITIONS) return undefined;
        const known = names.get(path);
        if (known !== undefined) return known;
        const parts = path.split('.');
        if (parts.length > MAX_PARTS || parts.includes('') || AWKWARD.test(path) || !path.isWellFormed()) {
          return undefined;
        }
        const name = `c${columnCount++}`;
        names.set(path, name);
        expressions.push(`, ${columnSql(parts)} AS ${name}`);
        return name;
      },
      parameter(value) {
        const name = `p${count++}`;
        values[name] = value;
        return `$${name}`;
      },
      hasRoom: (more) => count + more <= MAX_PARAMETERS,
      sql: () => expressions.join(''),
    };
  };
  return { values, columns };
}
