import { type Call, within as inTime } from '../../call.ts';
import type { EmbeddingSpace } from '../../embeddings/types.ts';
import { badInput, HydrogenError } from '../../errors.ts';
import type { ForeignHit, ForeignSpace, NearestFound } from '../../stores/index/foreign-passages.ts';
import { emptyLibrary } from '../empty-library.ts';
import type { ForeignCollection } from '../foreign.ts';
import type { SearchAnswer, SearchHit } from '../types.ts';
import { excerpt } from './excerpt.ts';
import type { ParsedSearch } from './query.ts';
import { queryVector } from './query-vector.ts';

/** What a collection that others fill adds to an answer. */
interface Addition {
  readonly name: string;
  readonly hits: readonly SearchHit[];
  readonly notes: readonly string[];
}

/** Which collections a search is about, and whether about nothing else. */
export interface Elsewhere {
  readonly collections: readonly ForeignCollection[];
  readonly isAll: boolean;
}

/** An answer waits no longer for other servers, ms, and hardly for one that has just failed. */
const maxWaitMs = { up: 5_000, down: 1_000 };
/** Share of the call's remaining time that they may take. */
const shareOfCall = 0.5;

const quoted = (name: string): string => `"${name}"`;

export function elsewhere(
  { within = '' }: Pick<ParsedSearch, 'within'>,
  all: readonly ForeignCollection[],
): Elsewhere {
  const begin = ({ passages }: ForeignCollection): string => `${passages.name}/`;
  const inside = all.filter((one) => within.startsWith(begin(one)));
  if (inside.length > 0) return { collections: inside, isAll: true };
  return { collections: all.filter((one) => begin(one).startsWith(within)), isAll: false };
}

function mismatch(
  { passages, embedder }: ForeignCollection,
  held: ForeignSpace,
  made: EmbeddingSpace,
): string {
  return `The vectors of "${passages.name}" have ${held.dimensions} dimensions, and those of its model "${embedder.name}" ${made.dimensions}: set "model" in qdrantCollections to the one that made them.`;
}

function hitOf(
  { document, title, text, metadata, score }: ForeignHit,
  { isCosine }: ForeignSpace,
  { query, textLength }: ParsedSearch,
): SearchHit {
  return {
    document,
    title,
    heading: [],
    lines: [1, text.split('\n').length],
    text: textLength === undefined ? text : excerpt(text, query, textLength),
    score,
    ...(isCosine && { similarity: score }),
    metadata,
    alsoIn: [],
    more: 0,
  };
}

/** Memories are often stored twice: the same text is one hit. */
function merged(hits: readonly ForeignHit[]): { readonly hit: ForeignHit; readonly copies: string[] }[] {
  const byText = new Map<string, { hit: ForeignHit; copies: string[] }>();
  for (const hit of hits) {
    const same = byText.get(hit.text);
    if (same) same.copies.push(hit.document);
    else byText.set(hit.text, { hit, copies: [] });
  }
  return [...byText.values()];
}

function notesOn(
  name: string,
  { words, minSimilarity }: ParsedSearch,
  space: ForeignSpace,
  found: NearestFound,
) {
  const isQuoted = words.phrases.length > 0 || words.prefixes.length > 0;
  const { withoutText, lookedAt } = found;
  return [
    isQuoted ? `In ${quoted(name)} quotation marks and * do not count: it is compared by meaning only.` : '',
    minSimilarity !== undefined && space.isCosine
      ? `In ${quoted(name)} min_similarity is compared with the plain cosine, which is higher than that of the library.`
      : '',
    withoutText > 0
      ? `${withoutText} of the nearest points of ${quoted(name)} have no text where its mapping says ("text" in qdrantCollections) and were left out.`
      : '',
    lookedAt === undefined
      ? ''
      : `In ${quoted(name)} the ${lookedAt.toLocaleString('en')} nearest points were looked at for what Qdrant cannot decide: others behind them may match.`,
  ].filter((note) => note !== '');
}

/** @throws HydrogenError why the collection cannot be searched */
async function searched(parsed: ParsedSearch, collection: ForeignCollection, call: Call): Promise<Addition> {
  const { passages, embedder, queryPrefix } = collection;
  const { name } = passages;
  const { mode, limit, within, minSimilarity, selection, text, mergeDuplicates } = parsed;
  if (mode === 'keyword') {
    throw badInput(`"${name}" is compared by meaning only: search it with mode "hybrid" or "semantic".`);
  }
  const known = passages.space(call);
  // No model is loaded for a server that does not answer.
  if (!embedder.space()) await known;
  const [space, embedded] = await Promise.all([known, queryVector(text, embedder, call, queryPrefix)]);
  if ('reason' in embedded) throw new HydrogenError('unavailable', embedded.reason);
  if (embedded.space.dimensions !== space.dimensions) {
    throw new HydrogenError('not_supported', mismatch(collection, space, embedded.space));
  }
  if (minSimilarity !== undefined && !space.isCosine) {
    const sentence = `"${name}" does not compare by the cosine: omit min_similarity to search it.`;
    throw new HydrogenError('not_supported', sentence);
  }
  const found = await passages.nearest(
    {
      vector: embedded.values,
      limit,
      ...(within !== undefined && { within }),
      ...(selection.filter !== undefined && { filter: selection.filter }),
      ...(minSimilarity !== undefined && { minScore: minSimilarity }),
    },
    call,
  );
  const groups = mergeDuplicates ? merged(found.hits) : found.hits.map((hit) => ({ hit, copies: [] }));
  return {
    name,
    hits: groups.map(({ hit, copies }) => ({ ...hitOf(hit, space, parsed), alsoIn: copies })),
    notes: notesOn(name, parsed, space, found),
  };
}

/** Searches a collection without failing where it cannot be: then a note says why. */
async function added(parsed: ParsedSearch, collection: ForeignCollection, call: Call): Promise<Addition> {
  const { name } = collection.passages;
  const patienceMs = collection.passages.isDown() ? maxWaitMs.down : maxWaitMs.up;
  const limitMs = Math.min(patienceMs, (call.deadline - Date.now()) * shareOfCall);
  try {
    return await searched(parsed, collection, inTime(call, limitMs));
  } catch (error) {
    if (call.signal.aborted) throw error;
    return { name, hits: [], notes: [`${quoted(name)} was not searched. ${reasonOf(error, name, call)}`] };
  }
}

function reasonOf(error: unknown, name: string, { log }: Call): string {
  if (error instanceof HydrogenError) {
    return error.code === 'timeout'
      ? 'Its server did not answer in time: check that it runs and is not overloaded.'
      : error.message;
  }
  log.warn({ err: error, name }, 'a collection that others fill could not be searched');
  return 'What its server answered could not be read.';
}

/** What the collections add to the answer of the library. */
export function additions(
  parsed: ParsedSearch,
  { collections }: Elsewhere,
  call: Call,
): Promise<readonly Addition[]> {
  return Promise.all(collections.map((one) => added(parsed, one, call)));
}

/** The answer of a search about one collection. @throws HydrogenError why it cannot be searched */
export async function onlyElsewhere(
  parsed: ParsedSearch,
  { collections }: Elsewhere,
  call: Call,
): Promise<SearchAnswer> {
  const found = await Promise.all(collections.map((one) => searched(parsed, one, call)));
  const notes = found.flatMap((one) => one.notes);
  const names = found.map(({ name }) => quoted(name)).join(', ');
  return {
    hits: inTurns(
      found.map(({ hits }) => hits),
      parsed.limit,
    ),
    mode: 'semantic',
    notes: parsed.mode === 'hybrid' ? [`${names} is compared by meaning only.`, ...notes] : notes,
    chunks: 0,
    embedded: 0,
  };
}

/** The best of each list, then the second of each, and so on. */
function inTurns(lists: readonly (readonly SearchHit[])[], limit: number): SearchHit[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  const ranks = Array.from({ length: longest }, (_, rank) =>
    lists.flatMap((list) => list.slice(rank, rank + 1)),
  );
  return ranks.flat().slice(0, limit);
}

/**
 * One answer of several. Scores of different vectors, and of words, cannot be compared, so that ranks take turns, the
 * library first.
 */
export function joined(own: SearchAnswer, added: readonly Addition[], limit: number): SearchAnswer {
  if (added.length === 0) return own;
  const notes = added.flatMap((one) => one.notes);
  const found = added.filter(({ hits }) => hits.length > 0);
  if (found.length === 0) return { ...own, notes: [...own.notes, ...notes] };
  const hits = inTurns([own.hits, ...found.map((one) => one.hits)], limit);
  const numberFrom = (list: readonly SearchHit[]): number => hits.filter((hit) => list.includes(hit)).length;
  const origins = found.map((one) => `${numberFrom(one.hits)} from ${quoted(one.name)}`).join(' and ');
  const { doubt, ...sure } = own;
  // What is said of the library alone.
  const ofLibrary = own.hits.length === 0 ? own.notes.filter((note) => note !== emptyLibrary) : own.notes;
  return {
    ...sure,
    hits,
    notes: [
      `${numberFrom(own.hits)} of these are from the library, ${origins}, by meaning only: their ranks take turns, since their scores cannot be compared.`,
      ...(doubt === undefined || own.hits.length === 0 ? [] : [`In the library: ${doubt}`]),
      ...ofLibrary,
      ...notes,
    ],
  };
}
