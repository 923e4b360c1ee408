import { badInput } from '../../errors.ts';
import { refusedOrUnknown } from '../names.ts';
import type { Document } from '../types.ts';
import { arrayIndex, getField, isDocument } from '../values/fields.ts';
import { arrays } from './arrays.ts';
import { fields } from './fields.ts';
import { changeAt, REMOVED, UNCHANGED } from './location.ts';
import type { Modifier, UpdateContext, UpdateFamily } from './operator.ts';
import {
  type ArrayFilter,
  arrayComponent,
  concretePaths,
  isPositional,
  type MatchedPositions,
  parsePath,
} from './positions.ts';

const FAMILY: UpdateFamily = { ...fields, ...arrays };

/** The names of all update operators. */
export const updateOperators: readonly string[] = [...Object.keys(FAMILY), '$rename'];

/** One step of an update. */
interface Step {
  readonly parts: readonly string[];
  readonly onInsert: boolean;
  /** @param places the concrete paths of `parts` in the document */
  run(doc: Document, places: readonly string[][]): void;
}

/**
 * Compiles `{$set: …, $inc: …}` into a function that changes a document in place.
 * @throws HydrogenError bad_input, also for two changes of one path and for unused array filters
 */
export function compileOperatorUpdate(
  update: Document,
  filters: ReadonlyMap<string, ArrayFilter>,
  context: UpdateContext,
): (doc: Document, positions: MatchedPositions, inserting: boolean) => void {
  const steps: Step[] = [];
  for (const name of Object.keys(update)) {
    const operands = getField(update, name);
    if (!name.startsWith('$')) {
      throw badInput(`An update takes only operators, but has "${name}". Put it into $set.`);
    }
    if (!updateOperators.includes(name)) throw refusedOrUnknown('update operator', name, updateOperators, {});
    if (!isDocument(operands))
      throw badInput(`${name} needs a document of fields, as in {${name}: {field: …}}.`);
    for (const path of Object.keys(operands)) {
      const operand = getField(operands, path);
      if (name === '$rename') steps.push(...renameSteps(path, operand, filters));
      else steps.push(step(name, path, operand, filters, context));
    }
  }
  const used = new Set(steps.flatMap(({ parts }) => parts.map(arrayComponent)));
  for (const identifier of filters.keys()) {
    if (!used.has(identifier))
      throw badInput(`The array filter for "${identifier}" is not used in the update.`);
  }
  checkConflicts(steps.map(({ parts }) => parts));
  checkKinds(steps);
  // MongoDB adds new fields in this order.
  const ordered = steps.toSorted((a, b) => comparePaths(a.parts, b.parts));
  const positional = steps.some(({ parts }) => parts.some(isPositional));
  return (doc, positions, inserting) => {
    const due = ordered.filter(({ onInsert }) => !onInsert || inserting);
    // Before anything changes: array filters apply to the original elements.
    const places = due.map(({ parts }) => concretePaths(doc, parts, positions));
    if (positional) checkConflicts(places.flat());
    due.forEach(({ run }, i) => {
      run(doc, places[i] ?? []);
    });
  };
}

function step(
  name: string,
  path: string,
  operand: unknown,
  filters: ReadonlyMap<string, ArrayFilter>,
  context: UpdateContext,
): Step {
  const parts = parsePath(path, filters);
  const modifier = FAMILY[name]?.(operand, path, context) as Modifier;
  return {
    parts,
    onInsert: name === '$setOnInsert',
    run(doc, places) {
      for (const place of places) changeAt(doc, place, modifier.change, modifier.create, modifier.lenient);
    },
  };
}

/** $rename is a removal and a set; neither path may traverse an array. */
function renameSteps(from: string, target: unknown, filters: ReadonlyMap<string, ArrayFilter>): Step[] {
  if (typeof target !== 'string') throw badInput(`$rename of "${from}" needs the new name as a string.`);
  if (from === target) throw badInput(`$rename of "${from}" needs another name.`);
  const source = parsePath(from, filters);
  const parts = parsePath(target, filters);
  if ([...source, ...parts].some(isPositional)) {
    throw badInput('$rename takes no positional components in its paths.');
  }
  const run = (doc: Document): void => {
    rejectArrays(doc, source);
    rejectArrays(doc, parts);
    let value: unknown;
    changeAt(
      doc,
      source,
      (old) => {
        value = old;
        return old === undefined ? UNCHANGED : REMOVED;
      },
      false,
    );
    if (value === undefined) return;
    if (parts[0] === '_id')
      throw badInput('$rename cannot give a field the name "_id": an _id never changes.');
    changeAt(doc, parts, () => value, true);
  };
  return [
    { parts, onInsert: false, run },
    { parts: source, onInsert: false, run() {} },
  ];
}

function rejectArrays(doc: Document, parts: readonly string[]): void {
  let value: unknown = doc;
  for (const part of parts.slice(0, -1)) {
    value = isDocument(value) ? getField(value, part) : undefined;
    if (Array.isArray(value)) throw badInput(`$rename cannot traverse an array: "${parts.join('.')}".`);
  }
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i] as string, b[i] as string];
    if (x === y) continue;
    const [m, n] = [arrayIndex(x), arrayIndex(y)];
    if (m >= 0 && n >= 0) return m - n;
    return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

/** No path may be changed twice, nor a path within it. */
function checkConflicts(paths: readonly (readonly string[])[]): void {
  const changed = new Set<string>();
  for (const parts of paths.toSorted((a, b) => a.length - b.length)) {
    const path = parts.join('.');
    const outer = parts.map((_, i) => parts.slice(0, i + 1).join('.')).find((prefix) => changed.has(prefix));
    if (outer !== undefined) {
      throw badInput(`The update changes "${outer}" and "${path}": these conflict. Change one.`);
    }
    changed.add(path);
  }
}

/** Elements may be addressed in one way only: by `$[]` and identifiers, or by `$` and indexes. */
function checkKinds(steps: readonly Step[]): void {
  const kinds = new Map<string, boolean>();
  for (const { parts } of steps) {
    for (const [at, part] of parts.entries()) {
      const array = parts.slice(0, at).join('.');
      const byFilter = arrayComponent(part) !== undefined;
      if ((kinds.get(array) ?? byFilter) !== byFilter) {
        throw badInput(
          `The update conflicts at "${array}": it names elements by $[] or $[identifier] and in another way. Use one.`,
        );
      }
      kinds.set(array, byFilter);
    }
  }
}
