import { badInput } from '../../errors.ts';
import { compileExpression } from '../expressions/compile.ts';
import { namedArguments } from '../expressions/operator.ts';
import { refusedOrUnknown } from '../names.ts';
import { addPath, compute, createNode } from '../projection/tree.ts';
import { compileSortKey, keyComparator, parseSort } from '../sort/comparator.ts';
import type { StageFamily, StageOperator } from '../stages/stage.ts';
import type { Document } from '../types.ts';
import { getField, isDocument } from '../values/fields.ts';
import { approximateSize, createBudget } from '../values/size.ts';
import { accumulated } from './accumulate.ts';
import { parseBounds } from './bounds.ts';
import { covariances } from './covariance.ts';
import { movingAverage } from './moving-average.ts';
import { ranking } from './ranking.ts';
import { series } from './series.ts';
import type { Partition, WindowContext, WindowFamily, WindowFunction } from './window-function.ts';

/** All functions of $setWindowFields by name. */
export const WINDOW_FUNCTIONS: WindowFamily = {
  ...accumulated,
  ...ranking,
  ...series,
  ...covariances,
  ...movingAverage,
};

function compileFunction(
  field: string,
  spec: unknown,
  base: Omit<WindowContext, 'bounds'>,
  isSorted: boolean,
): WindowFunction {
  if (!isDocument(spec)) throw badInput(`"${field}" of $setWindowFields must be {function: …, window: …}.`);
  const names = Object.keys(spec).filter((name) => name !== 'window');
  const [name] = names;
  if (names.length !== 1 || name === undefined)
    throw badInput(`"${field}" must have exactly one window function.`);
  const operator = Object.hasOwn(WINDOW_FUNCTIONS, name) ? WINDOW_FUNCTIONS[name] : undefined;
  if (operator === undefined)
    throw refusedOrUnknown('window function', name, Object.keys(WINDOW_FUNCTIONS), {});
  const bounds = Object.hasOwn(spec, 'window')
    ? parseBounds(spec['window'], base.sort, isSorted, base.scope)
    : undefined;
  return operator(getField(spec, name), { ...base, bounds }, name);
}

const $setWindowFields: StageOperator = (argument, { scope }, name) => {
  const args = namedArguments(name, argument, ['output'], ['partitionBy', 'sortBy']);
  const output = args.get('output');
  if (!isDocument(output)) throw badInput('"output" of $setWindowFields must be a document.');
  const sortBy = args.get('sortBy') ?? undefined;
  const sort = sortBy === undefined ? [] : parseSort(sortBy as Document);
  const partitionKey = compileExpression(args.get('partitionBy') ?? null, scope);
  const sortKey = compileSortKey(sort, scope.ordering);
  const order = keyComparator(sort, scope.ordering);
  const functions = Object.keys(output).map((field) => ({
    field,
    run: compileFunction(field, getField(output, field), { scope, sort }, sortBy !== undefined),
  }));
  // The fields are set as by $addFields, with values from the cells.
  const tree = createNode();
  const cells = functions.map(({ field }) => {
    const cell: { value: unknown } = { value: undefined };
    addPath(tree, field, { kind: 'compute', expression: () => cell.value });
    return cell;
  });

  return function* (input) {
    const budget = createBudget(name, scope.limits);
    const groups = new Map<string | number, { readonly key: unknown; readonly docs: Document[] }>();
    for (const doc of input) {
      budget.add(64 + approximateSize(doc));
      const key = partitionKey(doc) ?? null;
      if (Array.isArray(key)) throw badInput('"partitionBy" must not give an array.');
      const hash = scope.ordering.hash(key);
      const group = groups.get(hash);
      if (group === undefined) groups.set(hash, { key, docs: [doc] });
      else group.docs.push(doc);
    }
    for (const { docs } of [...groups.values()].sort((a, b) => scope.ordering.compare(a.key, b.key))) {
      const keyed = docs.map((doc) => ({ doc, key: sortKey(doc) }));
      if (sort.length > 0) keyed.sort((a, b) => order(a.key, b.key));
      const partition: Partition = {
        docs: keyed.map(({ doc }) => doc),
        keys: keyed.map(({ key }) => key),
        budget,
      };
      const columns = functions.map(({ run }) => [...run(partition)]);
      for (let i = 0; i < partition.docs.length; i++) {
        const doc = partition.docs[i] as Document;
        cells.forEach((cell, at) => {
          cell.value = columns[at]?.[i];
        });
        const result = { ...doc };
        compute(result, tree, doc);
        yield result;
      }
    }
  };
};

export const setWindowFields: StageFamily = { $setWindowFields };
