import { badInput } from '../../errors.ts';
import { ACCUMULATORS } from '../accumulators/registry.ts';
import type { Document } from '../types.ts';
import { WHOLE } from './bounds.ts';
import type { WindowFamily, WindowOperator } from './window-function.ts';

/** An accumulator over a window. A window that only grows keeps one running value. */
function overWindow(name: string): WindowOperator {
  return (argument, { scope, bounds = WHOLE }) => {
    if (Array.isArray(argument)) throw badInput(`${name} takes one operand, not an array of them.`);
    const operator = ACCUMULATORS[name];
    const factory = operator?.(argument, scope, name);
    return function* (partition) {
      if (factory === undefined) return;
      const { docs, budget } = partition;
      let running = factory(budget, undefined);
      let added = 0;
      let last: unknown;
      let fresh = false;
      for (let i = 0; i < docs.length; i++) {
        scope.limits.tick();
        const [from, to] = bounds.at(partition, i);
        if (!bounds.growing) {
          const window = factory(budget, undefined);
          for (let at = from; at <= to; at++) window.add(docs[at] as Document);
          yield window.result();
          continue;
        }
        if (to + 1 < added) {
          running = factory(budget, undefined);
          added = 0;
          fresh = false;
        }
        for (; added <= to; added++) {
          running.add(docs[added] as Document);
          fresh = false;
        }
        if (!fresh) {
          const result = running.result();
          // $push and its kin go on growing the array they gave.
          last = Array.isArray(result) ? [...result] : result;
          fresh = true;
        }
        yield last;
      }
    };
  };
}

const NOT_IN_WINDOWS = ['$mergeObjects'];

export const accumulated: WindowFamily = Object.fromEntries(
  Object.keys(ACCUMULATORS)
    .filter((name) => !NOT_IN_WINDOWS.includes(name))
    .map((name) => [name, overWindow(name)]),
);
