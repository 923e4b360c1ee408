import { type Call, within } from '../../call.ts';
import type { Document } from '../../mql/formats.ts';
import type { DocumentStore, Namespace } from '../../stores/documents/document-store.ts';
import { isPlain } from './filter-conditions.ts';
import {
  anyForm,
  askedOf,
  formsIn,
  lookBytes,
  lookFor,
  maxLookedAt,
  maxLoosened,
  shown,
  unlessEnded,
} from './other-forms.ts';

// A filter that asks for one of several values finds documents although one of the values is written otherwise.

/** How long it may take, ms: the answer is complete without it. */
const partialMs = 200;

/** A value, and the path at which any of several would do. */
interface Choice {
  readonly path: string;
  readonly value: unknown;
}

function* choicesAt(path: string, condition: unknown, isBranch: boolean): Generator<Choice> {
  if (path.startsWith('$')) return;
  if (!isPlain(condition)) {
    if (isBranch) yield { path, value: condition };
    return;
  }
  const { $in: values, $eq: value } = condition;
  if (Array.isArray(values) && (isBranch || values.length > 1)) {
    for (const one of values) yield { path, value: one };
  } else if (isBranch && value !== undefined) yield { path, value };
}

/** Of a branch of `$or` with one condition; what has more may find nothing for other reasons. */
function* branchChoices(branch: unknown): Generator<Choice> {
  const [first, ...more] = isPlain(branch) ? Object.entries(branch) : [];
  if (first && more.length === 0) yield* choicesAt(first[0], first[1], true);
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The values of `$in`, and of the branches of `$or`, as they are asked for: a filter may have a million. */
function* choicesOf(filter: unknown): Generator<Choice> {
  for (const [name, condition] of Object.entries(isPlain(filter) ? filter : {})) {
    if (name === '$and') for (const one of listOf(condition)) yield* choicesOf(one);
    else if (name === '$or') for (const branch of listOf(condition)) yield* branchChoices(branch);
    else yield* choicesAt(name, condition, false);
  }
}

/**
 * Which of several values that a filter with matches asks for occurs only in another form; '' where there is none, or
 * it is not found out soon.
 */
export async function partialForms(
  store: DocumentStore,
  namespace: Namespace,
  filter: Document,
  call: Call,
): Promise<string> {
  const choices = [
    ...choicesOf(filter)
      .take(maxLookedAt)
      .map(({ path, value }) => askedOf(path, value))
      .filter((asked) => asked !== undefined)
      .take(maxLoosened),
  ];
  if (choices.length === 0) return '';
  const ends = within(call, partialMs);
  try {
    for (const one of choices) {
      const { path, value } = one;
      const itself = { ...namespace, filter: { [path]: value }, skip: 0, limit: 1, maxBytes: lookBytes };
      const { documents } = await store.find(itself, ends);
      if (documents.length > 0) continue;
      const look = {
        filter: anyForm(path, [value], [one], '$'),
        asked: [one],
        forms: formsIn,
        ms: partialMs,
      };
      const found = await lookFor(store, namespace, look, ends);
      const form = found.flat().find(({ rank }) => rank < 3);
      if (form) {
        return `No document has ${shown(value)} as ${JSON.stringify(path)}: documents are found with ${form.text}.`;
      }
    }
    return '';
  } catch (error) {
    unlessEnded(error, call);
    return '';
  }
}
