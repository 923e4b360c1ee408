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

function choicesAt(path: string, condition: unknown, isBranch: boolean): Choice[] {
  if (path.startsWith('$')) return [];
  if (!isPlain(condition)) return isBranch ? [{ path, value: condition }] : [];
  const { $in: values, $eq: value } = condition;
  if (Array.isArray(values) && (isBranch || values.length > 1))
    return values.map((one) => ({ path, value: one }));
  return isBranch && value !== undefined ? [{ path, value }] : [];
}

/** Of a branch of `$or` with one condition; what has more may find nothing for other reasons. */
function branchChoices(branch: unknown): Choice[] {
  const [first, ...more] = isPlain(branch) ? Object.entries(branch) : [];
  return first && more.length === 0 ? choicesAt(first[0], first[1], true) : [];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The values of `$in`, and of the branches of `$or`. */
const choicesOf = (filter: unknown): Choice[] =>
  Object.entries(isPlain(filter) ? filter : {}).flatMap(([name, condition]) => {
    if (name === '$and') return listOf(condition).flatMap(choicesOf);
    if (name === '$or') return listOf(condition).flatMap(branchChoices);
    return choicesAt(name, condition, false);
  });

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
  const choices = choicesOf(filter)
    .flatMap(({ path, value }) => askedOf(path, value) ?? [])
    .slice(0, maxLoosened);
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
