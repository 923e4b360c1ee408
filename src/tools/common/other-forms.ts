import { Decimal128, Long, ObjectId } from 'bson';
import { type Call, within } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import { momentOf } from '../../mql/dates/moment.ts';
import { type Document, stringifyExtendedJson } from '../../mql/formats.ts';
import { compareValues } from '../../mql/values/compare.ts';
import { typeName } from '../../mql/values/types.ts';
import type { DocumentStore, Namespace } from '../../stores/documents/document-store.ts';
import { meant } from '../../tables/value-forms.ts';
import { conditionsOf, isPlain } from './filter-conditions.ts';

// Where a filter finds nothing, one query looks for the same values in other forms: in another case, as the beginning
// of a text, as another type. It is the filter itself with each equality loosened, so that what it finds is what the
// caller would get.

/** How long it may take, ms, and how much of the time that the call has left. */
const lookMs = 1_000;
const accentsMs = 500;
const shareOfCall = 0.5;
const lookRows = 20;
export const lookBytes = 1_000_000;
/** Values of a filter that are loosened. */
export const maxLoosened = 20;
/** Values of a filter that are looked at. */
export const maxLookedAt = 1_000;
const maxText = 200;
const maxTold = 3;
const dayMs = 86_400_000;

interface Pattern {
  readonly source: string;
  /** Whether a text has it, in any case. */
  isIn(text: string): boolean;
}

/** A value that is asked for, and what else would be it. */
interface Asked {
  readonly path: string;
  readonly value: unknown;
  readonly forms: readonly unknown[];
  /** The beginning of a text, in any case. */
  readonly begins?: string;
  /** The first moment of a day. */
  readonly day?: Date;
  /** Text that is the number with leading zeros or a decimal comma. */
  readonly like?: RegExp;
  /** A pattern of letters, to be found in any case. */
  readonly pattern?: Pattern;
}

const { number: numeric, date } = meant;

function numbersOf(text: string): unknown[] {
  const number = Number(text);
  const whole = /^-?\d+$/.test(text) && !Number.isSafeInteger(number) && text.length < 20;
  return [number, Decimal128.fromString(text), ...(whole ? [Long.fromString(text)] : [])];
}

/** 7 as 007 and 7,00, 1.5 as 1,50. */
function likeNumber(text: string): RegExp | undefined {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!parts) return undefined;
  const [, sign = '', whole = '', fraction] = parts;
  return new RegExp(`^${sign}0*${whole}${fraction === undefined ? '([.,]0+)?' : `[.,]${fraction}0*`}$`);
}

/** A day as text of the form 31.12.2025. */
function dayTexts(moment: Date): string[] {
  const [year, month = '', day = ''] = moment.toISOString().slice(0, 10).split('-');
  return [...new Set([`${day}.${month}.${year}`, `${Number(day)}.${Number(month)}.${year}`])];
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
      ...(moment && isDay ? dayTexts(moment) : []),
    ],
    begins: text,
    ...(moment && isDay && { day: moment }),
  };
}

export function askedOf(path: string, value: unknown): Asked | undefined {
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
      if (!numeric.test(text)) return undefined;
      const like = likeNumber(text);
      return { path, value, forms: [text, ...numbersOf(text)], ...(like && { like }) };
    }
    case 'bool':
    case 'objectId':
      return { path, value, forms: [String(value)] };
    case 'date': {
      const text = (value as Date).toISOString();
      const forms = text.endsWith('T00:00:00.000Z') ? dayTexts(value as Date) : [];
      return { path, value, forms, begins: text.replace(/(T00:00:00)?\.000Z$/, '') };
    }
    default:
      return undefined;
  }
}

/** Others would have to be run here, where nothing stops one that does not end. */
function patternOf(source: unknown): Pattern | undefined {
  if (typeof source !== 'string' || source.length > maxText) return undefined;
  const [, start, letters, end] = /^(\^?)([^\\^$.*+?()[\]{}|]+)(\$?)$/.exec(source) ?? [];
  if (letters === undefined) return undefined;
  const wanted = letters.toLowerCase();
  return {
    source,
    isIn(text) {
      const lower = text.toLowerCase();
      if (start && end) return lower === wanted;
      if (start) return lower.startsWith(wanted);
      return end ? lower.endsWith(wanted) : lower.includes(wanted);
    },
  };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

export function anyForm(
  name: string,
  values: readonly unknown[],
  asked: readonly Asked[],
  end: '' | '$' = '',
): Document {
  const begins = asked.flatMap((one) => one.begins ?? []);
  const days = asked.flatMap(({ day }) => day ?? []);
  const likes = asked.flatMap(({ like }) => like ?? []);
  return {
    $or: [
      { [name]: { $in: [...values, ...asked.flatMap(({ forms }) => forms)] } },
      ...begins.map((text) => ({ [name]: { $regex: `^${escaped(text)}${end}`, $options: 'i' } })),
      ...likes.map(({ source }) => ({ [name]: { $regex: source } })),
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
      const pattern = operator === '$regex' && asked.length < maxLoosened ? patternOf(value) : undefined;
      if (pattern) {
        asked.push({ path: around + name, value, forms: [], pattern });
        return { [name]: { $regex: pattern.source, $options: 'i' } };
      }
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

export const shown = (value: unknown): string => stringifyExtendedJson(value, { relaxed: true });
const isSame = (a: unknown, b: unknown): boolean => typeName(a) === typeName(b) && compareValues(a, b) === 0;

const example = (text: string): string => shown(text.length > maxText ? `${text.slice(0, maxText)}…` : text);

function formOf({ path, value, forms, begins, day, like, pattern }: Asked, found: unknown): Form | undefined {
  const key = JSON.stringify(path);
  if (typeof found === 'string' && pattern?.isIn(found)) {
    const regex = shown({ $regex: pattern.source, $options: 'i' });
    return { rank: 3, text: `${key}:${regex} (${example(found)})` };
  }
  const isLong = typeof found === 'string' && found.length > maxText;
  if (typeof found === 'string' && !isLong && like?.test(found))
    return { rank: 2, text: `${key}:${shown(found)}` };
  if (typeof found === 'string' && begins !== undefined) {
    if (!isLong && found.toLowerCase() === begins.toLowerCase())
      return { rank: 1, text: `${key}:${shown(found)}` };
    if (found.toLowerCase().startsWith(begins.toLowerCase())) {
      const options = found.startsWith(begins) ? {} : { $options: 'i' };
      const regex = shown({ $regex: `^${escaped(begins)}`, ...options });
      return { rank: 3, text: `${key}:${regex} (${example(found)})` };
    }
  }
  if (day && found instanceof Date && found.getTime() - day.getTime() < dayMs && found >= day) {
    const next = new Date(day.getTime() + dayMs);
    return { rank: 2, text: `${key}:${shown({ $gte: day, $lt: next })}` };
  }
  const other = !isLong && forms.some((form) => compareValues(form, found) === 0) && !isSame(value, found);
  return other ? { rank: 2, text: `${key}:${shown(found)}` } : undefined;
}

/** How a document has what was asked for in another form. */
export function formsIn(document: Document, asked: readonly Asked[]): Form[] {
  return asked.flatMap((one) => {
    const values = [...valuesAt(document, one.path.split('.'))];
    if (values.some((value) => compareValues(value, one.value) === 0)) return [];
    const forms = values.flatMap((value) => formOf(one, value) ?? []);
    return forms.sort((a, b) => a.rank - b.rank).slice(0, 1);
  });
}

const worst = (forms: readonly Form[]): number => Math.max(...forms.map(({ rank }) => rank));

/** Compares like `folded`. */
const folding = new Intl.Collator('en', { sensitivity: 'base' });
const folded = { locale: 'en', strength: 1 };

/** How a document has what was asked for with other accents. */
const accentsIn = (document: Document, asked: readonly Asked[]): Form[] =>
  asked.flatMap(({ path, value, pattern }) => {
    const values = [...valuesAt(document, path.split('.'))].filter((found) => typeof found === 'string');
    if (typeof value !== 'string' || pattern !== undefined || values.includes(value)) return [];
    const found = values.find((text) => text.length <= maxText && folding.compare(text, value) === 0);
    return found === undefined ? [] : [{ rank: 1, text: `${JSON.stringify(path)}:${shown(found)}` }];
  });

const equalities: readonly string[] = ['$and', '$or', '$eq', '$in', '$elemMatch'];
const bounds: readonly string[] = ['$gt', '$gte', '$lt', '$lte'];

/** Whether a collation loosens nothing but the equalities of a filter. */
const onlyEquals = (filter: unknown): boolean =>
  Array.isArray(filter)
    ? filter.every(onlyEquals)
    : !isPlain(filter) ||
      Object.entries(filter).every(([name, inner]) =>
        bounds.includes(name)
          ? typeof inner === 'number' || inner instanceof Date
          : (!name.startsWith('$') || equalities.includes(name)) && onlyEquals(inner),
      );

interface Look {
  readonly filter: Document;
  readonly asked: readonly Asked[];
  readonly collation?: Document;
  readonly forms: (document: Document, asked: readonly Asked[]) => Form[];
  readonly ms: number;
}

/** The documents that a look finds, as the forms in each, the most alike first. */
export async function lookFor(
  store: DocumentStore,
  namespace: Namespace,
  { filter, asked, collation, forms, ms }: Look,
  call: Call,
): Promise<Form[][]> {
  const roots = new Set(asked.map(({ path }) => path.split('.')[0] ?? path));
  const projection = {
    ...(!roots.has('_id') && { _id: 0 }),
    ...Object.fromEntries([...roots].map((name) => [name, 1])),
  };
  const limits = { skip: 0, limit: lookRows, maxBytes: lookBytes };
  const query = { ...namespace, filter, projection, ...limits, ...(collation && { collation }) };
  const time = Math.min(ms, (call.deadline - Date.now()) * shareOfCall);
  const { documents } = await store.find(query, within(call, time));
  const found = documents.map((document) => forms(document, asked)).filter(({ length }) => length > 0);
  return found.sort((a, b) => worst(a) - worst(b));
}

/** @throws what ends the call itself */
export function unlessEnded(error: unknown, call: Call): HydrogenError {
  if (!(error instanceof HydrogenError) || call.signal.aborted) throw error;
  return error;
}

/** What documents a filter without matches would find with values in other forms; '' where there are none. */
export async function otherForms(
  store: DocumentStore,
  namespace: Namespace,
  filter: Document,
  call: Call,
): Promise<string> {
  // A filter may have a million values, and its looser copy is as large as itself.
  if (conditionsOf(filter).drop(maxLookedAt).next().done === false) return '';
  const asked: Asked[] = [];
  const loose = loosened(filter, '', asked);
  if (asked.length === 0) return '';
  const look = { filter: loose, asked, forms: formsIn, ms: lookMs };
  const withAccents = { filter, asked, collation: folded, forms: accentsIn, ms: accentsMs };
  try {
    let [best] = await lookFor(store, namespace, look, call);
    if (!best && asked.some(({ value }) => typeof value === 'string') && onlyEquals(filter)) {
      [best] = await lookFor(store, namespace, withAccents, call);
    }
    if (!best) return '';
    return `Documents are found with ${best
      .slice(0, maxTold)
      .map(({ text }) => text)
      .join(', ')}.`;
  } catch (error) {
    return unlessEnded(error, call).code === 'timeout'
      ? `Could not check within ${lookMs / 1_000} s whether the values occur in another case or type.`
      : '';
  }
}
