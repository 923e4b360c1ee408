import { badInput } from '../../errors.ts';
import { compileExpression } from '../expressions/compile.ts';
import { namedArguments } from '../expressions/operator.ts';
import { compileScopedFilter } from '../query/filter.ts';
import type { Document } from '../types.ts';
import type { Ordering } from '../values/collation.ts';
import { isDocument } from '../values/fields.ts';
import { hashKey } from '../values/key-string.ts';
import { long } from '../values/numbers.ts';
import { approximateSize, createBudget } from '../values/size.ts';
import { indexForeign, localValues } from './join.ts';
import { fieldPath, targetPath } from './lookup.ts';
import { type StageFamily, type StageOperator, wholeNumber } from './stage.ts';
import { withValue } from './unwind.ts';

const REQUIRED = ['from', 'startWith', 'connectFromField', 'connectToField', 'as'];
const OPTIONAL = ['maxDepth', 'depthField', 'restrictSearchWithMatch'];

function optionsOf(args: ReadonlyMap<string, unknown>, name: string) {
  const restriction = args.get('restrictSearchWithMatch') ?? {};
  if (!isDocument(restriction)) throw badInput('"restrictSearchWithMatch" must be a filter.');
  return {
    maxDepth: args.has('maxDepth')
      ? wholeNumber(args.get('maxDepth'), '"maxDepth" of $graphLookup', 0)
      : Infinity,
    depthField: args.has('depthField')
      ? fieldPath(args.get('depthField'), 'depthField', name).split('.')
      : undefined,
    restriction,
  };
}

/**
 * Follows values level by level.
 * @param follow returns the values that the given ones lead to; it is never passed the same value twice
 */
function breadthFirst(
  first: unknown,
  maxDepth: number,
  hash: Ordering['hash'],
  follow: (values: readonly unknown[], depth: number) => readonly unknown[],
): void {
  const seen = new Set<string | number>();
  const isNew = (value: unknown): boolean => {
    const before = seen.size;
    return seen.add(hash(value)).size > before;
  };
  let values: readonly unknown[] = Array.isArray(first) ? first : [first];
  if (first === undefined) return;
  for (let depth = 0; depth <= maxDepth && values.length > 0; depth++) {
    const fresh = values.filter(isNew);
    values = fresh.length === 0 ? [] : follow(fresh, depth);
  }
}

/** Follows references breadth first; each document is found once, at its lowest depth. */
const $graphLookup: StageOperator = (argument, context, name) => {
  const args = namedArguments(name, argument, REQUIRED, OPTIONAL);
  const from = args.get('from');
  if (typeof from !== 'string') throw badInput('$graphLookup needs the name of a collection as "from".');
  const as = targetPath(args.get('as'), name);
  const start = compileExpression(args.get('startWith'), context.scope);
  const fromPath = fieldPath(args.get('connectFromField'), 'connectFromField', name).split('.');
  const toPath = fieldPath(args.get('connectToField'), 'connectToField', name);
  const { maxDepth, depthField, restriction } = optionsOf(args, name);
  // Null finds null, never a document without the field.
  const allowed = compileScopedFilter(
    { $and: [restriction, { [toPath]: { $exists: true } }] },
    context.scope,
  );
  const { hash } = context.scope.ordering;
  let index: ReturnType<typeof indexForeign> | undefined;

  const search = (doc: Document): Document[] => {
    index ??= indexForeign(context.collection(from), toPath, name, context.scope);
    const { find } = index;
    const budget = createBudget(name, context.scope.limits);
    const found = new Map<string | number, Document>();
    breadthFirst(start(doc), maxDepth, hash, (values, depth) => {
      const references: unknown[] = [];
      for (const next of find(values)) {
        context.scope.limits.tick();
        const id = hashKey(next['_id']);
        if (found.has(id) || !allowed(next, undefined)) continue;
        budget.add(approximateSize(next));
        found.set(id, depthField === undefined ? next : withValue(next, depthField, long(depth)));
        for (const value of localValues(next, fromPath)) references.push(value);
      }
      return references;
    });
    return [...found.values()];
  };
  return function* (input) {
    for (const doc of input) yield withValue(doc, as, search(doc));
  };
};

export const graph: StageFamily = { $graphLookup };
