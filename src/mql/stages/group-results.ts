import { notSupported } from '../../errors.ts';
import type { Document } from '../types.ts';
import { getField, isDocument } from '../values/fields.ts';
import { T, typeName, typeNumber } from '../values/types.ts';
import type { Stage } from './stage.ts';

// MongoDB has two engines. The one that groups where nothing but these stages comes before gives some rare values to
// the stages after it as others: a minKey as {"": minKey}, code as a string.

const GROUPS = ['$group', '$bucket', '$sortByCount'];
/** These two sort their groups, so a stage always follows. */
const SORTED = ['$bucket', '$sortByCount'];
const BEFORE = ['$match', '$sort', '$limit', '$skip', '$lookup', '$unwind', '$group'];
/** A group with one of these is computed by the other engine. */
const OTHER_ENGINE = ['$setUnion', '$concatArrays'];
const CHANGED: readonly number[] = [T.minKey, T.maxKey, T.javascript, T.symbol];

const nameOf = (spec: unknown): string => (isDocument(spec) ? (Object.keys(spec)[0] ?? '') : '');

function usesOtherEngine(spec: unknown): boolean {
  const { output, ...fields } = isDocument(spec) ? spec : {};
  const accumulators = isDocument(output) ? output : fields;
  return Object.values(accumulators).some((accumulator) => OTHER_ENGINE.includes(nameOf(accumulator)));
}

/** True where MongoDB's answer depends on which of its engines groups. */
export function dependsOnEngine(pipeline: readonly unknown[], at: number): boolean {
  const name = nameOf(pipeline[at]);
  if (!GROUPS.includes(name) || usesOtherEngine(getField(pipeline[at] as Document, name))) return false;
  const isFollowed = SORTED.includes(name) || at < pipeline.length - 1;
  return isFollowed && pipeline.slice(0, at).every((spec) => BEFORE.includes(nameOf(spec)));
}

/** A stage that groups, and refuses results that MongoDB's engine would change. */
export function withoutChangedResults(stage: Stage): Stage {
  return function* (input) {
    for (const group of stage(input)) {
      for (const field of Object.keys(group)) check(group, field);
      yield group;
    }
  };
}

function check(group: Document, field: string): void {
  const value = getField(group, field);
  const changed = (Array.isArray(value) ? value : [value]).find((item) => CHANGED.includes(typeNumber(item)));
  if (changed === undefined) return;
  throw notSupported(
    `A ${typeName(changed)} as "${field}" of a group that another stage reads`,
    'MongoDB changes such values there; leave them out with a $match before, or put them into a document',
  );
}
