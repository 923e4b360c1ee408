/** The text of a column whose path leads through an array, so that only the BSON tells what is there. */
export const THROUGH_ARRAY = '["?",0]';

/** A value that SQL is given by name. */
export type Parameter = string | number | bigint | null;

/** The values that one SQL statement is given. */
export interface Parameters {
  readonly values: Record<string, Parameter>;
  /** Columns whose conditions share these values. */
  columns(): Columns;
}

/** The paths that one SELECT reads, and the values it compares them with. */
export interface Columns {
  /**
   * The name of the column for a path; `undefined` for a path that SQL cannot follow. NULL is a missing
   * field, a number a number, text what `scalars.ts` and `fields.ts` write.
   */
  of(path: string): string | undefined;
  /** The name by which SQL is given a value. */
  parameter(value: Parameter): string;
  /** Whether so many more parameters may be given. */
  hasRoom(more: number): boolean;
  /** `, expression AS name` for every column. */
  sql(): string;
}

const MAX_PARTS = 8;
/** Conditions and values of one statement, far below SQLite's limits (1,000 levels, 2,000 columns). */
const MAX_CONDITIONS = 100;
const MAX_PARAMETERS = 5000;
// What would have to be escaped in a path of SQLite, or has a meaning of its own there.
const AWKWARD = /["\\\p{Cc}]/u;

function jsonPath(parts: readonly string[]): string {
  return `'$${parts.map((part) => `."${part.replaceAll("'", "''")}"`).join('')}'`;
}

// Where the path leads nowhere, the nearest parent that is there tells whether an array is in the way.
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
