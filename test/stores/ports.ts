import { expect } from 'vitest';
import type {
  Backfill,
  Candidate,
  NewDocument,
  QueryVector,
  Retriever,
  Selection,
  VectorSpace,
  WordQuery,
} from '../../src/stores/index/types.ts';
import { parseWordQuery } from '../../src/stores/index/word-query.ts';
import { testCall } from '../support/call.ts';

/** What the suites of ports know of a store: how to open one, empty, and how soon what was written is seen. */
export interface PortFixture<Ports> {
  readonly name: string;
  open(): Promise<Ports>;
  /** Runs the checks until they pass; at once where what is written is seen at once. Fails with their last failure. */
  eventually(checks: () => Promise<void>): Promise<void>;
  /** By how much a score may differ: 0.000001 where scores are floats of 32 bits. */
  readonly tolerance: number;
}

export const space: VectorSpace = { fingerprint: 'test@1', dimensions: 4 };

const axes: Readonly<Record<string, readonly number[]>> = {
  x: [1, 0, 0, 0],
  y: [0, 1, 0, 0],
  z: [0, 0, 1, 0],
};

/** Passages that are named like an axis lie on it, all others on the fourth. */
const onAxis = (text: string): readonly number[] => axes[text] ?? [0, 0, 0, 1];

/** A document with one passage for each text. */
export function documentOf(
  id: string,
  texts: readonly string[],
  more: Partial<NewDocument> = {},
): NewDocument {
  const text = texts.join('\n');
  return {
    id,
    title: '',
    type: 'text',
    bytes: text.length,
    text,
    metadata: {},
    hash: '',
    format: 'test',
    chunks: texts.map((one, i) => ({
      id: `${id}#${i} ${one}`,
      heading: [],
      lines: [i + 1, i + 1],
      text: one,
    })),
    ...more,
  };
}

/** Gives every passage without a vector the one that is made of its text; how many there were. */
export async function embed(
  backfill: Backfill,
  vectorOf: (text: string) => readonly number[] = onAxis,
  of = space,
): Promise<number> {
  const { chunks } = await backfill.pending(1_000, testCall());
  const vectors = chunks.map(({ chunk, text }) => ({ chunk, vector: Float32Array.from(vectorOf(text)) }));
  return backfill.saveVectors(of, vectors, testCall());
}

const noWords: WordQuery = { words: '', phrases: [], prefixes: [] };

/** The best passages by the words of a query, as it is written in a search. */
export async function byWords(
  retriever: Retriever,
  query: string,
  { limit = 10, selection = {} }: { readonly limit?: number; readonly selection?: Selection } = {},
): Promise<readonly Candidate[]> {
  const words = parseWordQuery(query);
  const vector = Promise.resolve(undefined);
  const wanted = { words, byWords: limit, scoredWords: words, vector, byMeaning: 0, selection };
  return (await retriever.candidates(wanted, testCall())).byWords;
}

/** The nearest passages to a vector, the nearest first. */
export async function byMeaning(
  retriever: Retriever,
  vector: QueryVector,
  { limit = 3, selection = {} }: { readonly limit?: number; readonly selection?: Selection } = {},
): Promise<readonly Candidate[]> {
  const wanted = { words: noWords, byWords: 0, scoredWords: noWords, byMeaning: limit, selection };
  const found = await retriever.candidates({ ...wanted, vector: Promise.resolve(vector) }, testCall());
  return found.nearest;
}

/** The documents of the passages that are nearest to a vector, the nearest first. */
export async function nearest(
  retriever: Retriever,
  vector: readonly number[],
  { limit = 3, selection = {}, of = space } = {},
): Promise<string[]> {
  const query = { values: Float32Array.from(vector), space: of };
  const found = await byMeaning(retriever, query, { limit, selection });
  return documentsOf(
    retriever,
    found.map(({ chunk }) => chunk),
  );
}

export async function documentsOf(retriever: Retriever, chunks: readonly number[]): Promise<string[]> {
  return (await retriever.fetch(chunks, testCall())).map(({ document }) => document);
}

/** Checks a score as exactly as the store keeps it. */
export function expectNear(score: number | undefined, wanted: number, tolerance: number): void {
  expect(Math.abs((score ?? Number.NaN) - wanted)).toBeLessThanOrEqual(tolerance);
}
