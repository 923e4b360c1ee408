import { badInput } from '../../errors.ts';
import { compileSortKey, keyComparator, parseSort } from '../sort/comparator.ts';
import type { Document } from '../types.ts';
import { isDocument } from '../values/fields.ts';
import { approximateSize, createBudget } from '../values/size.ts';
import type { Stage, StageContext } from './stage.ts';

interface Item {
  readonly key: unknown[];
  readonly serial: number;
  readonly doc: Document;
}

/** Compiles $sort; with `limit`, only that many documents are kept in memory. */
export function compileSortStage(
  argument: unknown,
  context: StageContext,
  limit = Number.POSITIVE_INFINITY,
): Stage {
  if (!isDocument(argument) || Object.keys(argument).length === 0) {
    throw badInput('$sort needs at least one field, as in {$sort: {price: -1}}.');
  }
  const fields = parseSort(argument);
  const key = compileSortKey(fields, context.scope.ordering);
  const order = keyComparator(fields, context.scope.ordering);
  const compare = (a: Item, b: Item): number => order(a.key, b.key) || a.serial - b.serial;
  return function* (input) {
    const budget = createBudget('$sort', context.scope.limits);
    const items: Item[] = [];
    let serial = 0;
    for (const doc of input) {
      const item = { key: key(doc), serial: serial++, doc };
      if (items.length < limit) {
        budget.add(64 + approximateSize(doc));
        push(items, item, compare);
      } else if (compare(item, items[0] as Item) < 0) replaceTop(items, item, compare);
    }
    items.sort(compare);
    for (const { doc } of items) yield doc;
  };
}

type Compare = (a: Item, b: Item) => number;

// A binary heap with the last of the kept documents on top.
function push(heap: Item[], item: Item, compare: Compare): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (compare(heap[parent] as Item, item) >= 0) break;
    heap[at] = heap[parent] as Item;
    at = parent;
  }
  heap[at] = item;
}

function replaceTop(heap: Item[], item: Item, compare: Compare): void {
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && compare(heap[child + 1] as Item, heap[child] as Item) > 0) child++;
    if (compare(item, heap[child] as Item) >= 0) break;
    heap[at] = heap[child] as Item;
    at = child;
  }
  heap[at] = item;
}
