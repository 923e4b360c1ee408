import { badInput } from '../../errors.ts';
import type { Expression } from '../expressions/scope.ts';
import { type Document, MAX_PATH } from '../types.ts';
import { getField, isDocument, isReferenceField, setField } from '../values/fields.ts';

/** What to do with the field at the end of a path. */
export type Leaf =
  | { readonly kind: 'include' }
  | { readonly kind: 'exclude' }
  | { readonly kind: 'compute'; readonly expression: Expression }
  /** A part of the value; `undefined` drops the field. Below an array in an array the value stays whole. */
  | { readonly kind: 'transform'; readonly apply: (value: unknown) => unknown };

/** Where in the document: `nested` below an array that is an element of an array. */
interface Place {
  readonly nested: boolean;
}

const TOP: Place = { nested: false };
const NESTED: Place = { nested: true };

/** The elements of an array are at the place of the array, but those that are arrays themselves are nested. */
const placeOf = (item: unknown, place: Place): Place => (Array.isArray(item) ? NESTED : place);

/** The paths of a projection as a tree; `computes` is true if something below is computed. */
export interface ProjectionNode {
  readonly children: Map<string, ProjectionNode>;
  leaf: Leaf | undefined;
  computes: boolean;
}

export function createNode(): ProjectionNode {
  return { children: new Map(), leaf: undefined, computes: false };
}

/**
 * Adds a path to the tree.
 * @throws HydrogenError bad_input for an invalid path, or one that is a prefix of another
 */
export function addPath(root: ProjectionNode, path: string, leaf: Leaf): void {
  let node = root;
  if (leaf.kind === 'compute') node.computes = true;
  const parts = path.split('.');
  if (parts.length > MAX_PATH) throw badInput(`A path may have at most ${MAX_PATH} components.`);
  for (const part of parts) {
    if (part === '') throw badInput(`"${path}" is not a valid path: it has an empty component.`);
    if (part.includes('\0')) throw badInput('The name of a field cannot hold a null byte.');
    if (part.startsWith('$') && !isReferenceField(part))
      throw badInput(`"${path}" is not a valid path here: "${part}" starts with $.`);
    if (node.leaf !== undefined) throw collision(path);
    let child = node.children.get(part);
    if (child === undefined) {
      child = createNode();
      node.children.set(part, child);
    }
    node = child;
    if (leaf.kind === 'compute') node.computes = true;
  }
  if (node.leaf !== undefined || node.children.size > 0) throw collision(path);
  node.leaf = leaf;
}

const collision = (path: string) =>
  badInput(`The path "${path}" collides with another path of the specification.`);

/** Keeps what the tree names, in the document's own order. */
export function keep(doc: Document, node: ProjectionNode, place: Place = TOP): Document {
  const result: Document = {};
  for (const name of Object.keys(doc)) {
    const child = node.children.get(name);
    if (child === undefined) continue;
    const value = getField(doc, name);
    const projected =
      child.leaf === undefined ? keepInside(value, child, place) : keepLeaf(value, child.leaf, place);
    if (projected !== undefined) setField(result, name, projected);
  }
  return result;
}

function keepLeaf(value: unknown, leaf: Leaf, { nested }: Place): unknown {
  if (leaf.kind === 'include' || (leaf.kind === 'transform' && nested)) return value;
  return leaf.kind === 'transform' ? leaf.apply(value) : undefined;
}

// Scalars have no fields to keep, so they are dropped.
function keepInside(value: unknown, node: ProjectionNode, place: Place): unknown {
  if (isDocument(value)) return keep(value, node, place);
  if (!Array.isArray(value)) return undefined;
  const kept = value.map((item) => keepInside(item, node, placeOf(item, place)));
  // What is computed below is set in every element, even in one that has no fields to keep.
  return node.computes ? kept : kept.filter((item) => item !== undefined);
}

/** Drops what the tree names and keeps everything else. */
export function drop(doc: Document, node: ProjectionNode, place: Place = TOP): Document {
  const result: Document = {};
  for (const name of Object.keys(doc)) {
    const child = node.children.get(name);
    const value = getField(doc, name);
    const left = child === undefined ? value : dropAt(value, child, place);
    if (left !== undefined) setField(result, name, left);
  }
  return result;
}

function dropAt(value: unknown, node: ProjectionNode, place: Place): unknown {
  const { leaf } = node;
  if (leaf === undefined) return dropInside(value, node, place);
  if (leaf.kind === 'transform') return place.nested ? value : leaf.apply(value);
  return leaf.kind === 'exclude' ? undefined : value;
}

function dropInside(value: unknown, node: ProjectionNode, place: Place): unknown {
  if (isDocument(value)) return drop(value, node, place);
  if (!Array.isArray(value)) return value;
  return value.map((item) => dropInside(item, node, placeOf(item, place)));
}

/** Sets the computed fields of the tree on `target`, which is changed; `root` is what expressions see. */
export function compute(target: Document, node: ProjectionNode, root: Document): void {
  for (const [name, child] of node.children) {
    if (!child.computes) continue;
    const value =
      child.leaf?.kind === 'compute'
        ? child.leaf.expression(root)
        : computeInside(getField(target, name), child, root);
    if (value === undefined) delete target[name];
    else setField(target, name, value);
  }
}

// A field is set in every element of an array; a scalar on the path is replaced by a document.
function computeInside(value: unknown, node: ProjectionNode, root: Document): unknown {
  if (Array.isArray(value)) return value.map((item) => computeInside(item, node, root));
  const copy: Document = isDocument(value) ? { ...value } : {};
  compute(copy, node, root);
  return copy;
}
