import { createHash } from 'node:crypto';
import type { Schemas } from '@qdrant/js-client-rest';
import type { Tongue } from '../index/languages.ts';

// What is in a collection: passages, which have vectors and are numbered; one point a document, which has none and is
// counted and asked for its facts; and those that describe the collection. Points without vectors are never found by a
// search.

export type Filter = Schemas['Filter'];
export type PointCondition = Schemas['Condition'];
export type PointId = Schemas['ExtendedPointId'];

/** Fields that passages and documents share, for filters. */
export interface DocumentPayload {
  readonly document: string;
  readonly title: string;
  readonly type: string;
  /** The source, `inline` for documents that were added inline. */
  readonly source: string;
  /** In ms since the epoch. `modified` is missing where it is unknown. */
  readonly modified?: number;
  readonly indexed_at: number;
  /** What the fields of the document equal (`facts-index.ts`), and the numbers and dates that they are compared by. */
  readonly is: readonly string[];
  readonly ranges: readonly { readonly p: string; readonly v: number }[];
}

export interface PassagePayload extends DocumentPayload {
  readonly kind: 'passage';
  /** The id that its chunker gave it. */
  readonly passage: string;
  /** Which text it is embedded by (`contentOf`), hexadecimal. */
  readonly content: string;
  /** The space (its fingerprint) in which it gets no vector, since the model does not know the text. */
  readonly unknown?: string;
  /** Which analyser made its words, and how many terms they are. */
  readonly format: string;
  readonly length: number;
  /** The language in which its words are stemmed. */
  readonly language?: Tongue;
  readonly heading: readonly string[];
  readonly lines: readonly [number, number];
  readonly place?: unknown;
  readonly text: string;
  /** Words of the whole document that its first passage is found by, too (`aboutOf`). */
  readonly about?: string;
  /** Its words one by one, for phrases (`plainOf`). */
  readonly plain: string;
}

export interface DocumentPoint extends DocumentPayload {
  readonly kind: 'document';
  /** What a filter sees of it, as JSON, for conditions that the server cannot decide. */
  readonly facts: string;
  /** Names of its fields. */
  readonly fields: readonly string[];
}

const uuidOf = (hash: Buffer): string =>
  hash
    .toString('hex')
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The point of a document. Numbers are those of passages, so it has a UUID. */
export function documentPoint(id: string): string {
  return uuidOf(createHash('sha256').update(`document\0${id}`).digest());
}

/** The point that describes the collection at a revision. */
export function manifestPoint(revision: number): string {
  return uuidOf(createHash('sha256').update(`manifest\0${revision}`).digest());
}

const bitsOfNumber = 52n;

/**
 * The number of a passage: a hash of what it is, so that no counter is shared by the nodes, a number never comes to mean
 * another text, and the order of numbers samples all documents evenly. Among a million passages two have the same with a
 * probability of 1 in 10,000; that is noticed when the second is written, which then gets another `attempt`.
 */
export function passageNumber(document: string, passage: string, content: string, attempt: number): number {
  const hash = createHash('sha256').update(`${document}\0${passage}\0${content}\0${attempt}`).digest();
  const number = hash.readBigUInt64BE() >> (64n - bitsOfNumber);
  return Number(number === 0n ? 1n : number);
}

export const anyOf = (key: string, values: readonly string[]): PointCondition => ({
  key,
  match: { any: [...values] },
});

export const equals = (key: string, value: string | number): PointCondition => ({ key, match: { value } });

export const isPassage: PointCondition = equals('kind', 'passage');
export const isDocument: PointCondition = equals('kind', 'document');
export const isManifest: PointCondition = equals('kind', 'manifest');

/** Decimal digits that an f32 has; the text of a request is shorter by half than with those of a double. */
export const rounded = (value: number): number => Math.round(value * 1e9) / 1e9;
