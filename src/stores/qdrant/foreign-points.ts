import type { Schemas } from '@qdrant/js-client-rest';
import type { Document } from '../../mql/index.ts';
import { isDocument } from '../../mql/values/fields.ts';
import type { ForeignPoint } from '../index/foreign-passages.ts';
import type { PointId } from './points.ts';

// What others have written, read by the mapping of the settings.

/** Where in a payload is what; paths are dotted. */
export interface ForeignMapping {
  /** First part of the ids. */
  readonly name: string;
  readonly text: string;
  readonly title?: string;
  /** What a point is a part of. */
  readonly document?: string;
  /** What filters ask; the whole payload where it is empty. */
  readonly metadata: string;
}

export type Payload = Schemas['Payload'] | Record<string, unknown> | null | undefined;

/** Characters of a title that is taken from the text, and of a document in an id. */
const maxTitle = 80;
const maxDocument = 200;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a path leads to, also through JSON that was written as text, as LlamaIndex does. */
function valueAt(payload: unknown, path: string): unknown {
  let value = payload;
  for (const part of path.split('.')) {
    if (typeof value === 'string') value = parsed(value);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function textAt(payload: unknown, path: string | undefined): string | undefined {
  const value = path === undefined ? undefined : valueAt(payload, path);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function metadataAt(payload: Payload, path: string): Document {
  let value: unknown = payload;
  // No JSON as text here: what the server cannot filter by is not to be filtered by.
  for (const part of path === '' ? [] : path.split('.')) value = isDocument(value) ? value[part] : undefined;
  return isDocument(value) ? value : {};
}

const oneLine = (text: string, length: number): string =>
  text.replace(/\s+/g, ' ').trim().slice(0, length).trim();

const idsBegin = ({ name }: Pick<ForeignMapping, 'name'>): string => `${name}/`;

/** A point as a document of one passage. Its text is empty where there is none. */
export function pointOf(point: PointId, payload: Payload, mapping: ForeignMapping): ForeignPoint {
  const text = textAt(payload, mapping.text) ?? '';
  const document = textAt(payload, mapping.document);
  const part = document === undefined ? '' : `${oneLine(document, maxDocument)}#`;
  const title = textAt(payload, mapping.title) ?? /\S.*/.exec(text)?.[0] ?? String(point);
  return {
    document: `${idsBegin(mapping)}${part}${point}`,
    title: oneLine(title, maxTitle),
    text,
    metadata: metadataAt(payload, mapping.metadata),
  };
}

/** What a filter may ask about a point. */
export function factsOfPoint(
  { document, title, metadata }: ForeignPoint,
  { name }: ForeignMapping,
): Document {
  const path = document.slice(name.length + 1);
  return { ...metadata, metadata, document, source: name, path, title, type: pointType };
}

export const pointType = 'text';

const uuid = /^[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$/i;

/** The largest number of a point. */
const maxNumber = 2n ** 64n - 1n;

/** As the client reads and sends it: numbers beyond 2^53 are bigints, which its types do not say. */
function pointOfNumber(digits: string): PointId | undefined {
  const number = BigInt(digits);
  if (number <= Number.MAX_SAFE_INTEGER) return Number(number);
  return number <= maxNumber ? (number as unknown as PointId) : undefined;
}

/** The point that an id names; undefined where it can name none. */
export function pointIn(id: string, mapping: Pick<ForeignMapping, 'name'>): PointId | undefined {
  if (!id.startsWith(idsBegin(mapping))) return undefined;
  const point = id.slice(Math.max(id.lastIndexOf('#'), mapping.name.length) + 1);
  if (/^\d{1,20}$/.test(point)) return pointOfNumber(point);
  return uuid.test(point) ? point : undefined;
}

/**
 * The point that a beginning of ids ends with, undefined where it may end within one: a number may be the beginning of
 * another one, and a UUID that of a document.
 */
export function pointWithin(within: string, mapping: ForeignMapping): PointId | undefined {
  if (mapping.document !== undefined && !within.includes('#')) return undefined;
  const point = pointIn(within, mapping);
  return typeof point === 'string' ? point : undefined;
}

/** The fields of the payload that a mapping reads; all of them where filters may ask for all. */
export function fieldsRead({ text, title, document, metadata }: ForeignMapping): string[] | true {
  if (metadata === '') return true;
  const paths = [text, title, document, metadata].filter((path) => path !== undefined);
  return [...new Set(paths.map((path) => path.split('.')[0] ?? path))];
}
