import { freeNames, someOf } from '../../../tables/header.ts';

/** Where the values of columns go. */
export interface FieldPaths {
  /** The names of nested documents and of the field, by column. */
  readonly paths: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

/** A column such as `address.city`, whose dots stand between names: not `Nr.`, `approx. weight` or `1.5`. */
function isPath(name: string): boolean {
  const parts = name.split('.');
  return !/\d\.\d/.test(name) && parts.every((part) => part !== '' && part === part.trim());
}

/** A name without dots, which a query would take for a path. */
function withoutDots(name: string): string {
  const found = name.replace(/\.+$/, '').replace(/\.\s+/g, ' ').replaceAll('.', '_').trim();
  return found === '' ? 'column' : found;
}

/**
 * The fields of columns: a dotted name is a field of a nested document, as in mongoimport, unless it is kept as it is.
 * Where dots cannot be a path, or another column stands in its way, the name loses them.
 */
export function fieldPaths(names: readonly string[], keepDots: boolean): FieldPaths {
  if (keepDots) return { paths: names.map((name) => [name]), notes: [] };
  const taken = new Set(names);
  const firstFree = freeNames(taken);
  const renamed: string[] = [];
  const paths = names.map((name) => {
    if (!name.includes('.')) return [name];
    const parts = name.split('.');
    const isInside = parts.slice(1).some((_, i) => taken.has(parts.slice(0, i + 1).join('.')));
    if (isPath(name) && !isInside) return parts;
    const base = withoutDots(name);
    const free = taken.has(base) ? firstFree(base) : base;
    taken.add(free);
    renamed.push(`"${name}" is ${free}`);
    return [free];
  });
  const note = `renamed because of dots: ${someOf(renamed)} (--keep-dots keeps them)`;
  return { paths, notes: renamed.length > 0 ? [note] : [] };
}
