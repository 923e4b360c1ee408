import { compileProjection, type Document } from '../../../mql/index.ts';

/** How a projection is divided between the server and us, so that the sort fields are available for continuing. */
export interface SharedProjection {
  /** For the server; whole documents if absent. */
  readonly projection?: Document;
  /** Reduces a document to what the caller requested. */
  readonly finish: (document: Document) => Document;
  /** False when the documents that arrive do not contain their position. */
  readonly placed: boolean;
}

const covers = (path: string, other: string): boolean => path === other || other.startsWith(`${path}.`);
const isFlag = (value: unknown): boolean =>
  value === 0 ||
  value === 1 ||
  typeof value === 'boolean' ||
  (isBoxed(value) && [0, 1].includes(Number(value)));
const isBoxed = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && '_bsontype' in value;
const isOn = (value: unknown): boolean => (typeof value === 'boolean' ? value : Number(value) !== 0);

/**
 * Adds the sort paths to a projection of plain inclusions or exclusions and removes them again on our side. Others
 * (expressions, `$slice`, `$elemMatch`, `.$`) are left to the server.
 */
export function shareProjection(
  requested: Document | undefined,
  sorted: readonly string[],
): SharedProjection {
  const entries = Object.entries(requested ?? {});
  if (!requested || entries.length === 0) return { finish: (document) => document, placed: true };
  const plain = entries.every(([path, value]) => isFlag(value) && !path.includes('$'));
  if (!plain) {
    const idStays = requested['_id'] === undefined || (isFlag(requested['_id']) && isOn(requested['_id']));
    const byIdOnly = sorted.length === 1 && sorted[0] === '_id';
    return { projection: requested, finish: (document) => document, placed: byIdOnly && idStays };
  }
  const finish = compileProjection(requested, {});
  const fields = entries.filter(([path]) => path !== '_id');
  const including = fields.length > 0 ? isOn(fields[0]?.[1]) : isOn(requested['_id']);
  if (!including) {
    const left = fields.filter(
      ([path]) => !sorted.some((sortedPath) => covers(path, sortedPath) || covers(sortedPath, path)),
    );
    return { ...(left.length > 0 && { projection: Object.fromEntries(left) }), finish, placed: true };
  }
  // Whole fields: a path into an array would omit items that are not documents, which sort as null.
  const roots = sorted.map((path) => path.split('.')[0] ?? path);
  const paths = [...new Set([...fields.map(([path]) => path), ...roots, '_id'])];
  const widest = paths.filter((path) => !paths.some((other) => other !== path && covers(other, path)));
  return { projection: Object.fromEntries(widest.map((path) => [path, 1])), finish, placed: true };
}
