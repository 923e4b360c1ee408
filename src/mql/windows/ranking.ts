import { badInput } from '../../errors.ts';
import { compileExpression } from '../expressions/compile.ts';
import { readsFields } from '../expressions/constant.ts';
import { namedArguments } from '../expressions/operator.ts';
import type { Ordering } from '../values/collation.ts';
import { isDocument } from '../values/fields.ts';
import { toInt32 } from '../values/numbers.ts';
import type { Partition, WindowContext, WindowFamily, WindowOperator } from './window-function.ts';

export function needsSort(name: string, { sort, bounds }: WindowContext, windowed: boolean): void {
  if (sort.length === 0) throw badInput(`${name} needs "sortBy".`);
  if (!windowed && bounds !== undefined) throw badInput(`${name} takes no "window".`);
}

/** A rank, computed from a document's position and whether it ties with the previous one. */
function rank(next: (place: number, before: number, tie: boolean) => number): WindowOperator {
  return (argument, context, name) => {
    needsSort(name, context, false);
    if (context.sort.length !== 1) throw badInput(`${name} needs "sortBy" with exactly one field.`);
    if (!isDocument(argument) || Object.keys(argument).length > 0)
      throw badInput(`${name} takes no operands: {${name}: {}}.`);
    return function* ({ keys }: Partition) {
      let value = 0;
      for (let i = 0; i < keys.length; i++) {
        const tie = i > 0 && sameKeys(keys[i - 1] ?? [], keys[i] ?? [], context.scope.ordering);
        value = next(i + 1, value, tie);
        yield value;
      }
    };
  };
}

const sameKeys = (a: readonly unknown[], b: readonly unknown[], { compare }: Ordering): boolean =>
  a.every((value, i) => compare(value, b[i]) === 0);

const $shift: WindowOperator = (argument, context, name) => {
  needsSort(name, context, false);
  const args = namedArguments(name, argument, ['output', 'by'], ['default']);
  const output = compileExpression(args.get('output'), context.scope);
  const by = toInt32(args.get('by'));
  if (by === undefined) throw badInput('"by" of $shift must be a whole number.');
  if (readsFields(args.get('default'))) throw badInput('"default" of $shift must be a constant.');
  const fallback = compileExpression(args.get('default') ?? null, context.scope)({}) ?? null;
  return function* ({ docs }) {
    for (let i = 0; i < docs.length; i++) {
      const doc = docs[i + by];
      const value = doc && output(doc);
      // The default also stands for a missing value, not for null.
      yield value === undefined ? fallback : value;
    }
  };
};

export const ranking: WindowFamily = {
  $rank: rank((place, before, tie) => (tie ? before : place)),
  $denseRank: rank((_place, before, tie) => (tie ? before : before + 1)),
  $documentNumber: rank((place) => place),
  $shift,
};
