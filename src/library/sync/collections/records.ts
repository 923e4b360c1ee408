import { createHash } from 'node:crypto';
import { type Document, encode, stringifyExtendedJson } from '../../../mql/formats.ts';
import type { CollectionSource } from './collection-source.ts';

/** A collection's document as text to index. */
export interface RecordText {
  /** `_id` as text: the document's path in its source. */
  readonly path: string;
  readonly title: string;
  /** Markdown: short values as `field: value`, long text under its own heading. */
  readonly text: string;
  /** The record's plain values, for filters. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** SHA-256 of what is indexed, hexadecimal. */
  readonly hash: string;
}

/** Longer values get a heading. */
const shortValue = 200;

const isPlain = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The values at a dotted path, traversing arrays. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return value === undefined || value === null ? [] : [value];
  return isPlain(value) && Object.hasOwn(value, name) ? valuesAt(value[name], rest) : [];
}

/** A value in readable form: dates as ISO 8601, numbers and ids as they are, documents as `name: value`. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (isPlain(value)) {
    return Object.entries(value)
      .map(([name, item]) => `${name}: ${Array.isArray(item) ? item.map(shown).join(', ') : shown(item)}`)
      .join('; ');
  }
  return typeof value === 'object' ? String(value) : JSON.stringify(value);
}

/** `_id` as it appears in the document's id. */
export function pathOfId(id: unknown): string {
  if (typeof id === 'string') return id;
  return isPlain(id) ? stringifyExtendedJson(id, { relaxed: true }) : shown(id);
}

function metadataOf(document: Document): Record<string, unknown> {
  const entries = Object.entries(document).flatMap(([name, value]): [string, unknown][] => {
    if (name === '_id' || isPlain(value)) return [];
    if (typeof value === 'number' || typeof value === 'boolean') return [[name, value]];
    const text = Array.isArray(value) ? undefined : shown(value);
    return text !== undefined && text !== '' && text.length <= shortValue ? [[name, text]] : [];
  });
  return Object.fromEntries(entries);
}

/** The indexed form of a document. The text is empty when it has neither a title nor any of the fields. */
export function recordText(document: Document, { fields, title }: CollectionSource): RecordText {
  const path = pathOfId(document['_id']);
  const named = title === undefined ? [] : valuesAt(document, title.split('.'));
  const titleText = named.map(shown).join(' ').replaceAll(/\s+/g, ' ').trim();
  const heading = titleText || path;
  const parts = fields.flatMap((field) => {
    const value = valuesAt(document, field.split('.'))
      .map(shown)
      .filter((text) => text !== '')
      .join(', ');
    if (value === '') return [];
    const long = value.length > shortValue || value.includes('\n');
    return [long ? `## ${field}\n\n${value}` : `${field}: ${value}`];
  });
  const metadata = metadataOf(document);
  const isEmpty = parts.length === 0 && titleText === '';
  const text = isEmpty ? '' : `${[`# ${heading}`, ...parts].join('\n\n')}\n`;
  const hash = createHash('sha256').update(text).update(encode(metadata)).digest('hex');
  return { path, title: heading, text, metadata, hash };
}
