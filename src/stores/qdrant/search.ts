import type { Schemas } from '@qdrant/js-client-rest';
import type { Call } from '../../call.ts';
import { wordsOf } from '../index/analyser.ts';
import { idfOf } from '../index/bm25.ts';
import { centred } from '../index/centring.ts';
import { phraseCheck, termsOfPhrases } from '../index/phrases.ts';
import type {
  Candidate,
  Candidates,
  Passage,
  QueryVector,
  Retriever,
  Wanted,
  WordQuery,
} from '../index/types.ts';
import { hasUnspaced } from '../index/unspaced.ts';
import type { Collection } from './collection.ts';
import { type Library, meanOf, type Space, spaceIn } from './library.ts';
import { type Condition, type Filter, isPassage, libraryPoint, type PassagePayload } from './points.ts';
import { jsonOf, originalOf } from './rewrite.ts';
import { conditionsOf } from './selection.ts';
import { queryVectorOf, queryWords } from './words.ts';

type Query = Schemas['QueryRequest'];
type Prefetch = Schemas['Prefetch'];
type Scored = Schemas['ScoredPoint'];

const none: Candidates = { byWords: [], nearest: [], scored: [], fullKeywords: 0 };

/**
 * By the points that are there now, where the server would count those too that were removed, until their segment is
 * rewritten.
 */
const ofAll = { idf: { corpus: {} } };
/** By no points at all: then the IDF of every word is ln 2, and a score shows the value that is stored. */
const ofNone = { idf: { corpus: { must: [{ has_id: [] }] } } };
const idfOfNone = Math.log(2);

/** The graph is searched this widely at least; what is found by the bytes is scored by the floats. */
const minEf = 128;
const dense = (limit: number): Schemas['SearchParams'] => ({
  hnsw_ef: Math.max(minEf, limit),
  quantization: { rescore: true, oversampling: 2 },
});
const exactly: Schemas['SearchParams'] = { exact: true, quantization: { ignore: true } };

/** Passages of a page that are read for a phrase that the server cannot look for, and how many pages. */
const phrasePage = 500;
const maxPhrasePages = 20;

const candidatesIn = (points: readonly Scored[] | undefined): Candidate[] =>
  (points ?? []).map(({ id, score }) => ({ chunk: Number(id), score }));

const passageFields = ['document', 'passage', 'title', 'heading', 'lines', 'place', 'text'];

/** Requests of a batch, whose answers are asked for by name. */
function batch() {
  const searches: Query[] = [];
  const places = new Map<string, number>();
  return {
    searches,
    add(name: string, query: Query): void {
      places.set(name, searches.push(query) - 1);
    },
    /** The answers to the request of a name; undefined where there was none. */
    in(answers: readonly { readonly points: readonly Scored[] }[]) {
      return (name: string): readonly Scored[] | undefined => answers[places.get(name) ?? -1]?.points;
    },
  };
}

/** Conditions for phrases that the server can look for: as words that follow one another. */
function phraseConditions(phrases: readonly string[]): Condition[] {
  return phrases
    .filter((phrase) => !hasUnspaced(phrase))
    .map((phrase) => ({
      key: 'plain',
      match: {
        phrase: wordsOf(phrase).join(' '),
      },
    }));
}

const filterOf = (conditions: readonly Condition[]): { filter?: Filter } =>
  conditions.length === 0 ? {} : { filter: { must: [...conditions] } };

/** The serving space, unless the vector belongs to another. */
function spaceFor(library: Library, vector: QueryVector | undefined): Space | undefined {
  const serving = spaceIn(library, 'serving');
  return serving?.fingerprint === vector?.space.fingerprint ? serving : undefined;
}

/** Scores of the words of a query, as the embedded index would give them. */
function fullOf(
  words: ReturnType<typeof queryWords>,
  idf: (index: number) => number | undefined,
  chunks: number,
): number {
  let full = 0;
  for (const { indices, weight } of words) {
    const indexed = indices.map(idf).filter((one) => one !== undefined);
    full += weight * (indexed.length > 0 ? Math.max(...indexed) : idfOf(chunks, 0));
  }
  return full;
}

export function createSearching(collection: Collection): Pick<Retriever, 'candidates' | 'fetch' | 'similar'> {
  const { server, record } = collection;
  const { collection: name } = server;

  /** The best passages that hold phrases in a script without spaces, which only their text shows. */
  async function withPhrases(
    { phrases }: WordQuery,
    query: Query,
    limit: number,
    call: Call,
  ): Promise<Candidate[]> {
    const holds = phraseCheck(phrases);
    const found: Candidate[] = [];
    for (let page = 0; page < maxPhrasePages && found.length < limit; page++) {
      const asked = {
        ...query,
        limit: phrasePage,
        offset: page * phrasePage,
        with_payload: ['title', 'heading', 'text'],
      };
      const { points } = await server.read(call, (client) => client.query(name, asked));
      for (const { id, score, payload } of points) {
        if (holds(payload as unknown as PassagePayload)) found.push({ chunk: Number(id), score });
      }
      if (points.length < phrasePage) break;
    }
    return found.slice(0, limit);
  }

  async function ask(
    library: Library,
    { words, byWords: maxByWords, scoredWords, byMeaning: maxByMeaning }: Wanted,
    vector: QueryVector | undefined,
    conditions: readonly Condition[],
    call: Call,
  ): Promise<Candidates | undefined> {
    const sparse = maxByWords > 0 ? queryVectorOf(queryWords(words)) : undefined;
    const scoring = queryWords(scoredWords);
    const scored = queryVectorOf(scoring);
    const space = spaceFor(library, vector);
    const meaning = space && vector ? jsonOf(centred(vector.values, meanOf(space))) : undefined;
    const using = library.words.vector;
    const requests = batch();
    const isSame = JSON.stringify(scored) === JSON.stringify(sparse);

    const lookup: (Query & Prefetch) | undefined = sparse && {
      ...{ query: sparse, using, params: ofAll, limit: maxByWords },
      ...filterOf([...conditions, ...phraseConditions(words.phrases)]),
    };
    let byPhrase: Candidate[] | undefined;
    if (lookup && words.phrases.some(hasUnspaced)) {
      byPhrase = await withPhrases(words, lookup, maxByWords, call);
    }
    const wordPart: Prefetch | undefined = byPhrase
      ? { filter: { must: [{ has_id: byPhrase.map(({ chunk }) => chunk) }] }, limit: maxByWords }
      : lookup;
    if (lookup && !byPhrase) requests.add('words', lookup);

    const nearest: (Query & Prefetch) | undefined =
      space && meaning && maxByMeaning > 0
        ? {
            ...{ query: meaning, using: space.vector, params: dense(maxByMeaning), limit: maxByMeaning },
            ...filterOf(conditions),
          }
        : undefined;
    if (nearest) requests.add('nearest', nearest);
    if (space && meaning && wordPart) {
      const cosines = { query: meaning, using: space.vector, params: exactly, limit: maxByWords };
      requests.add('cosines', { ...cosines, prefetch: wordPart });
    }
    if (vector && scored) {
      const prefetch = [...(nearest ? [nearest] : []), ...(wordPart && !isSame ? [wordPart] : [])];
      const limit = maxByWords + maxByMeaning;
      if (prefetch.length > 0)
        requests.add('keywords', { query: scored, using, params: ofAll, prefetch, limit });
      for (const index of scored.indices) {
        const one = { query: { indices: [index], values: [1] }, using, limit: 1 };
        requests.add(`idf ${index}`, { ...one, params: ofAll });
        requests.add(`value ${index}`, { ...one, params: ofNone });
      }
    }
    // Whether the vectors still are what they were when the library was read.
    requests.add('library', {
      filter: { must: [{ has_id: [libraryPoint] }] },
      with_payload: ['revision'],
      limit: 1,
    });

    const [answers, chunks] = await Promise.all([
      server.read(call, (client) => client.queryBatch(name, { searches: requests.searches })),
      vector && scored ? collection.count({ must: [isPassage] }, call) : 0,
    ]);
    const answer = requests.in(answers);
    if (answer('library')?.[0]?.payload?.['revision'] !== library.revision) return undefined;

    const byWords = byPhrase ?? candidatesIn(answer('words'));
    const near = candidatesIn(answer('nearest'));
    if (!vector) return { byWords, nearest: [], scored: [], fullKeywords: 0 };
    const keywords = new Map([
      ...(isSame ? byWords : []).map(({ chunk, score }) => [chunk, score] as const),
      ...candidatesIn(answer('keywords')).map(({ chunk, score }) => [chunk, score] as const),
    ]);
    const cosines = new Map(
      [...candidatesIn(answer('cosines')), ...near].map(({ chunk, score }) => [chunk, score]),
    );
    const union = new Set([...byWords, ...near].map(({ chunk }) => chunk));
    const idf = (index: number): number | undefined => {
      const [weighted, stored] = [answer(`idf ${index}`)?.[0]?.score, answer(`value ${index}`)?.[0]?.score];
      return weighted === undefined || !stored ? undefined : (idfOfNone * weighted) / stored;
    };
    return {
      byWords,
      nearest: near,
      scored: Array.from(union, (chunk) => {
        const cosine = cosines.get(chunk);
        return { chunk, keywords: keywords.get(chunk) ?? 0, ...(cosine !== undefined && { cosine }) };
      }),
      fullKeywords: fullOf(scoring, idf, chunks),
    };
  }

  async function candidates(wanted: Wanted, call: Call): Promise<Candidates> {
    if (wanted.words.phrases.length > 0) termsOfPhrases(wanted.words.phrases);
    const [known, conditions] = await Promise.all([
      record.known(call),
      conditionsOf(server, wanted.selection, call),
    ]);
    const vector = await wanted.vector;
    let library = known;
    for (let attempt = 0; library; attempt++) {
      const found = await collection.withLibrary(call, library, (now) =>
        ask(now, wanted, vector, conditions, call),
      );
      if (found) return found;
      library = await record.read(call);
      // A library that changes all the time is being filled: the next search sees it.
      if (attempt >= 3) break;
    }
    return none;
  }

  return {
    candidates,

    async fetch(chunks, call) {
      if (chunks.length === 0 || !(await record.known(call))) return [];
      const points = await server.read(call, (client) =>
        client.retrieve(name, { ids: [...chunks], with_payload: passageFields }),
      );
      const byNumber = new Map(points.map(({ id, payload }) => [Number(id), payload]));
      return chunks.flatMap((chunk): Passage[] => {
        const payload = byNumber.get(chunk) as unknown as PassagePayload | undefined;
        if (!payload) return [];
        const { document, passage, title, heading, lines, place, text } = payload;
        return [
          {
            ...{ chunk, id: passage, document, title, heading, lines, text },
            ...(place !== undefined && place !== null && { place: place as NonNullable<Passage['place']> }),
          },
        ];
      });
    },

    async similar(id, selection, limit, call) {
      const library = await record.read(call);
      const space = library && spaceIn(library, 'serving');
      if (!space) return undefined;
      const [conditions, own] = await Promise.all([
        conditionsOf(server, selection, call),
        collection.first(
          {
            filter: {
              must: [isPassage, { key: 'document', match: { value: id } }, { has_vector: space.vector }],
            },
            vectors: [space.vector],
            limit: maxPassages,
          },
          call,
        ),
      ]);
      const vectors = own.flatMap((point) => originalOf(point, space) ?? []);
      if (vectors.length === 0) return undefined;
      const sum = new Float32Array(space.dimensions);
      for (const vector of vectors)
        for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
      const mean = sum.map((value) => value / vectors.length);
      const wanted = limit * chunksForEach;
      const { points } = await server.read(call, (client) =>
        client.query(name, {
          query: jsonOf(centred(mean, meanOf(space))),
          using: space.vector,
          params: dense(wanted),
          filter: { must: [...conditions], must_not: [{ key: 'document', match: { value: id } }] },
          with_payload: ['document', 'title'],
          limit: wanted,
        }),
      );
      const found = new Map<string, { chunk: number; document: string; title: string; cosine: number }>();
      for (const { id: chunk, score, payload } of points) {
        const { document, title } = payload as unknown as PassagePayload;
        if (found.has(document)) continue;
        found.set(document, { chunk: Number(chunk), document, title, cosine: score });
        if (found.size === limit) break;
      }
      return [...found.values()];
    },
  };
}

/** Passages that represent a document: the first in order of their numbers, which are a sample of it. */
const maxPassages = 64;
/** Passages examined for each document wanted, because several may belong to the same one. */
const chunksForEach = 10;
