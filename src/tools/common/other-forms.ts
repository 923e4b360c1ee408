import { Decimal128, Long, ObjectId } from 'bson';
import { type Call, within } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import { momentOf } from '../../mql/dates/moment.ts';
import { type Document, stringifyExtendedJson } from '../../mql/formats.ts';
import { compareValues } from '../../mql/values/compare.ts';
import { typeName } from '../../mql/values/types.ts';
import type { DocumentStore, Namespace } from '../../stores/documents/document-store.ts';
import { meant } from '../../tables/value-forms.ts';
import { isPlain } from './filter-conditions.ts';

// Where a filter finds nothing, one query looks for the same values in other forms: in another case, as the beginning
// of a text, as another type. It is the filter itself with each equality loosened, so that what it finds is what the
// caller would get.

/** How long it may take, ms, and how much of the time that the call has left. */
const lookMs = 1_000;
const shareOfCall = 0.5;
const lookRows = 20;
const lookBytes = 1_000_000;
/** Values of a filter that are loosened. */
const maxLoosened = 20;
const maxText = 200;
const maxTold = 3;
const dayMs = 86_400_000;

/** A value that is asked for, and what else would be it. */
interface Asked {
  readonly path: string;
  readonly value: unknown;
  readonly forms: readonly unknown[];
  /** The beginning of a text, in any case. */
  readonly begins?: string;
  /** The first moment of a day. */
  readonly day?: Date;
}

const { number: numeric, date } = meant;

function numbersOf(text: string): unknown[] {
  const number = Number(text);
  const whole = /^-?\d+$/.test(text) && !Number.isSafeInteger(number) && text.length < 20;
  return [number, Decimal128.fromString(text), ...(whole ? [Long.fromString(text)] : [])];
}

function formsOfText(text: string): Pick<Asked, 'forms' | 'begins' | 'day'> {
  const moment = date.test(text) ? momentOf(text) : undefined;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  return {
    forms: [
      ...(numeric.test(text) ? numbersOf(text) : []),
      ...(/^(true|false)$/i.test(text) ? [text.toLowerCase() === 'true'] : []),
      ...(/^[0-9a-f]{24}$/i.test(text) ? [new ObjectId(text)] : []),
      ...(moment ? [moment] : []),
    ],
    begins: text,
    ...(moment && isDay && { day: moment }),
  };
}

function askedOf(path: string, value: unknown): Asked | undefined {
  const type = typeName(value);
  switch (type) {
    case 'string': {
      const text = String(value);
      return text === '' || text.length > maxText ? undefined : { path, value, ...formsOfText(text) };
    }
    case 'int':
    case 'long':
    case 'double':
    case 'decimal': {
      const text = String(value);
      return numeric.test(text) ? { path, value, forms: [text, ...numbersOf(text)] } : undefined;
    }
    case 'bool':
    case 'objectId':
      return { path, value, forms: [String(value)] };
    case 'date': {
      const text = (value as Date).toISOString();
      return { path, value, forms: [], begins: text.replace(/(T00:00:00)?\.000Z$/, '') };
    }
    default:
      return undefined;
  }
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

function anyForm(name: string, values: readonly unknown[], asked: readonly Asked[]): Document {
  const begins = asked.flatMap((one) => one.begins ?? []);
  const days = asked.flatMap(({ day }) => day ?? []);
  return {
    $or: [
      { [name]: { $in: [...values, ...asked.flatMap(({ forms }) => forms)] } },
      ...begins.map((text) => ({ [name]: { $regex: `^${escaped(text)}`, $options: 'i' } })),
      ...days.map((day) => ({ [name]: { $gte: day, $lt: new Date(day.getTime() + dayMs) } })),
    ],
  };
}

/** The filter with each equality loosened; what is asked for in other forms is added to `asked`. */
function loosened(filter: Document, around: string, asked: Asked[]): Document {
  const equality = (name: string, values: readonly unknown[]): Document | undefined => {
    const found = values.flatMap((value) => askedOf(around + name, value) ?? []);
    if (found.length === 0 || asked.length + found.length > maxLoosened) return undefined;
    asked.push(...found);
    return anyForm(name, values, found);
  };
  const operators = (name: string, condition: Document): Document[] =>
    Object.entries(condition).map(([operator, value]) => {
      const values = operator === '$eq' ? [value] : operator === '$in' && Array.isArray(value) ? value : [];
      const inner =
        operator === '$elemMatch' && isPlain(value) && !Object.keys(value)[0]?.startsWith('$')
          ? { [name]: { $elemMatch: loosened(value, `${around}${name}.`, asked) } }
          : undefined;
      return equality(name, values) ?? inner ?? { [name]: { [operator]: value } };
    });
  const all = Object.entries(filter).flatMap(([name, condition]): Document[] => {
    if ((name === '$and' || name === '$or') && Array.isArray(condition)) {
      return [{ [name]: condition.map((one) => (isPlain(one) ? loosened(one, around, asked) : one)) }];
    }
    if (name.startsWith('$')) return [{ [name]: condition }];
    const isOperators = isPlain(condition) && Object.keys(condition)[0]?.startsWith('$') === true;
    // An option belongs to its operator.
    if (isOperators && '$options' in condition) return [{ [name]: condition }];
    if (isOperators) return operators(name, condition);
    return [equality(name, [condition]) ?? { [name]: condition }];
  });
  return all.length === 0 ? {} : { $and: all };
}

/** The values at a path, of arrays the elements. */
function* valuesAt(value: unknown, [name, ...rest]: readonly string[]): Generator<unknown> {
  if (Array.isArray(value)) {
    const index = name === undefined ? -1 : Number(name);
    if (Number.isInteger(index) && index >= 0) yield* valuesAt(value[index], rest);
    for (const item of value) yield* valuesAt(item, name === undefined ? [] : [name, ...rest]);
  } else if (name === undefined) yield value;
  else if (isPlain(value) && Object.hasOwn(value, name)) yield* valuesAt(value[name], rest);
}

/** How a document has what was asked for; the higher the rank, the less alike. */
interface Form {
  readonly rank: number;
  readonly text: string;
}

const shown = (value: unknown): string => stringifyExtendedJson(value, { relaxed: true });
const isSame = (a: unknown, b: unknown): boolean => typeName(a) === typeName(b) && compareValues(a, b) === 0;

function formOf({ path, value, forms, begins, day }: Asked, found: unknown): Form | undefined {
  const key = JSON.stringify(path);
  if (typeof found === 'string' && begins !== undefined) {
    if (found.toLowerCase() === begins.toLowerCase()) return { rank: 1, text: `${key}:${shown(found)}` };
    if (found.toLowerCase().startsWith(begins.toLowerCase())) {
      const options = found.startsWith(begins) ? {} : { $options: 'i' };
      const example = shown(found.length > maxText ? `${found.slice(0, maxText)}…` : found);
      return { rank: 3, text: `${key}:${shown({ $regex: `^${escaped(begins)}`, ...options })} (${example})` };
    }
  }
  if (day && found instanceof Date && found.getTime() - day.getTime() < dayMs && found >= day) {
    const next = new Date(day.getTime() + dayMs);
    return { rank: 2, text: `${key}:${shown({ $gte: day, $lt: next })}` };
  }
  const other = forms.some((form) => compareValues(form, found) === 0) && !isSame(value, found);
  return other ? { rank: 2, text: `${key}:${shown(found)}` } : undefined;
}

/** How a document has what was asked for in another form. */
function formsIn(document: Document, asked: readonly Asked[]): Form[] {
  return asked.flatMap((one) => {
    const values = [...valuesAt(document, one.path.split('.'))];
    if (values.some((value) => compareValues(value, one.value) === 0)) return [];
    const forms = values.flatMap((value) => formOf(one, value) ?? []);
    return forms.sort((a, b) => a.rank - b.rank).slice(0, 1);
  });
}

const worst = (forms: readonly Form[]): number => Math.max(...forms.map(({ rank }) => rank));

/** What documents a filter without matches would find with values in other forms; '' where there are none. */
export async function otherForms(
  store: DocumentStore,
  namespace: Namespace,
  filter: Document,
  call: Call,
): Promise<string> {
  const asked: Asked[] = [];
  const loose = loosened(filter, '', asked);
  if (asked.length === 0) return '';
  const roots = new Set(asked.map(({ path }) => path.split('.')[0] ?? path));
  const projection = {
    ...(!roots.has('_id') && { _id: 0 }),
    ...Object.fromEntries([...roots].map((name) => [name, 1])),
  };
  const query = { ...namespace, filter: loose, projection, skip: 0, limit: lookRows, maxBytes: lookBytes };
  const time = Math.min(lookMs, (call.deadline - Date.now()) * shareOfCall);
  try {
    const { documents } = await store.find(query, within(call, time));
    const found = documents.map((document) => formsIn(document, asked)).filter(({ length }) => length > 0);
    const [best] = found.sort((a, b) => worst(a) - worst(b));
    if (!best) return '';
    return `Documents are found with ${best
      .slice(0, maxTold)
      .map(({ text }) => text)
      .join(', ')}.`;
  } catch (error) {
    if (!(error instanceof HydrogenError) || call.signal.aborted) throw error;
    return error.code === 'timeout'
      ? `Could not check within ${lookMs / 1_000} s whether the values occur in another case or type.`
      : '';
  }
}
