import { badInput } from '../../errors.ts';
import type { Scope } from '../expressions/scope.ts';
import type { Document } from '../types.ts';
import { getField, isDocument } from '../values/fields.ts';
import { truthy } from '../values/truthy.ts';
import { isNumeric } from '../values/types.ts';
import { addPath, compute, createNode, drop, keep, type Leaf, type ProjectionNode } from './tree.ts';

export type Projector = (doc: Document) => Document;

/** Operators of `find` that neither include nor exclude by themselves. */
type Neutral = '$slice' | '$elemMatch';

/** Operators found only in `find` projections; `undefined` means the value is an expression. */
export type FindOperators = (
  path: string,
  value: unknown,
  nested: boolean,
) => (Leaf & { readonly neutral?: Neutral }) | undefined;

interface Entry {
  readonly path: string;
  readonly leaf: Leaf;
  readonly neutral?: Neutral | undefined;
}

/** Parses a projection into its paths; documents without operators are nested paths. */
function* entries(
  spec: Document,
  prefix: string,
  scope: Scope,
  find: FindOperators | undefined,
): Generator<Entry> {
  for (const name of Object.keys(spec)) {
    const value = getField(spec, name);
    const path = prefix + name;
    const special = find?.(path, value, prefix !== '');
    if (special !== undefined) {
      yield { path: path.replace(/\.\$$/, ''), leaf: special, neutral: special.neutral };
    } else if (typeof value === 'boolean' || isNumeric(value)) {
      yield { path, leaf: { kind: truthy(value) ? 'include' : 'exclude' } };
    } else if (isDocument(value) && !Object.keys(value).some((key) => key.startsWith('$'))) {
      if (Object.keys(value).length === 0)
        throw badInput(`"${path}" of the projection is an empty document.`);
      yield* entries(value, `${path}.`, scope, find);
    } else {
      yield { path, leaf: { kind: 'compute', expression: scope.compile(value, scope) } };
    }
  }
}

/**
 * Compiles a projection of `find` or `$project`: inclusion or exclusion, with computed fields.
 * @throws HydrogenError bad_input for a mix of both
 */
export function parseProjection(spec: Document, scope: Scope, find?: FindOperators): Projector {
  const list = [...entries(spec, '', scope, find)];
  const withoutId = list.filter(({ path }) => path !== '_id');
  const excluded = withoutId.find(({ leaf }) => leaf.kind === 'exclude');
  const included = withoutId.find(
    ({ leaf, neutral }) =>
      !neutral && (leaf.kind === 'include' || leaf.kind === 'compute' || leaf.kind === 'transform'),
  );
  if (excluded !== undefined && included !== undefined) {
    throw badInput(
      `A projection either includes or excludes fields; "${included.path}" and "${excluded.path}" cannot be combined.`,
    );
  }
  const root = createNode();
  const excludes = excluded !== undefined || (included === undefined && excludesByDefault(list));
  for (const entry of list) {
    const { path, leaf } = entry;
    if (path !== '_id' || leaf.kind !== 'include') addPath(root, path, excludes ? leaf : behind(entry));
  }
  if (excludes) {
    if (list.some(({ leaf }) => leaf.kind === 'compute'))
      throw badInput('A projection that excludes fields cannot compute any.');
    return (doc) => drop(doc, root);
  }
  return inclusion(root);
}

// The element that $elemMatch picks comes after the included fields, as in MongoDB since 4.4.
function behind({ path, leaf, neutral }: Entry): Leaf {
  if (leaf.kind !== 'transform' || neutral !== '$elemMatch') return leaf;
  return { kind: 'compute', expression: (doc) => leaf.apply(getField(doc, path)) };
}

function inclusion(root: ProjectionNode): Projector {
  const id = root.children.get('_id');
  if (id === undefined) addPath(root, '_id', { kind: 'include' });
  else if (id.leaf?.kind === 'exclude') root.children.delete('_id');
  if (!root.computes) return (doc) => keep(doc, root);
  return (doc) => {
    const result = keep(doc, root);
    compute(result, root, doc);
    return result;
  };
}

// Where no other field is included or excluded, $slice keeps the other fields unless there is `_id: 1`, and $elemMatch
// does not, whatever is said of `_id`.
function excludesByDefault(list: readonly Entry[]): boolean {
  if (list.some(({ neutral }) => neutral === '$slice')) {
    return !list.some(({ path, leaf }) => path === '_id' && leaf.kind === 'include');
  }
  if (list.some(({ neutral }) => neutral === '$elemMatch')) return false;
  return list.every(({ leaf }) => leaf.kind === 'exclude');
}

/** Compiles `$addFields`: all values are expressions; all other fields are kept. */
export function parseAddFields(spec: Document, scope: Scope): Projector {
  const root = createNode();
  const add = (fields: Document, prefix: string): void => {
    for (const name of Object.keys(fields)) {
      const value = getField(fields, name);
      if (prefix !== '' && name.includes('.')) {
        throw badInput(`"${name}" cannot be a field of a nested document: write the whole path outside.`);
      }
      const nested = isDocument(value) && Object.keys(value).length > 0;
      if (nested && !Object.keys(value).some((key) => key.startsWith('$'))) add(value, `${prefix}${name}.`);
      else addPath(root, prefix + name, { kind: 'compute', expression: scope.compile(value, scope) });
    }
  };
  add(spec, '');
  return (doc) => {
    const result = { ...doc };
    compute(result, root, doc);
    return result;
  };
}

/** Compiles `$unset`. */
export function parseUnset(paths: readonly string[]): Projector {
  const root = createNode();
  for (const path of paths) addPath(root, path, { kind: 'exclude' });
  return (doc) => drop(doc, root);
}
