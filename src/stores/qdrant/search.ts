import { setTimeout as delay } from 'node:timers/promises';
import type { Schemas } from '@qdrant/js-client-rest';
import type { Call } from '../../call.ts';
import { duringCall } from '../../call-end.ts';
import { HydrogenError } from '../../errors.ts';
import { centred } from '../index/centring.ts';
import { type Language, languageMark, languages } from '../index/languages.ts';
import { phraseCheck, termsOfPhrases } from '../index/phrases.ts';
import type {
  Candidate,
  Candidates,
  Neighbour,
  Passage,
  QueryVector,
  Retriever,
  Wanted,
  WordQuery,
} from '../index/types.ts';
import { hasUnspaced } from '../index/unspaced.ts';
import type { Collection } from './collection.ts';
import { type Manifest, meanOf, spaceIn } from './manifest.ts';
import { equals, isPassage, type PassagePayload, type PointCondition } from './points.ts';
import { jsonOf, originalOf } from './rewrite.ts';
import { approximately, searchBatch, wordLookup } from './search-batch.ts';
import { conditionsOf } from './selection.ts';
import { termIndex } from './words.ts';

const none: Candidates = { byWords: [], nearest: [], scored: [], fullKeywords: 0 };

/** How often a search is begun anew, since what it was to ask for had changed, and the pause before that, ms. */
const maxAttempts = 5;
const pauseMs = 50;

/** A new language is seen after so long, ms. */
const languagesKnownMs = 5_000;

/** Passages of a page that are read for a phrase that the server cannot look for, and how many pages. */
const phrasePage = 500;
const maxPhrasePages = 20;

const passageFields = ['document', 'passage', 'title', 'heading', 'lines', 'place', 'text'];

/** Passages that represent a document: the first in order of their numbers, which are a sample of it. */
const maxPassages = 64;
/** Passages examined for each document wanted, because several may belong to the same one. */
const chunksForEach = 10;

function meanVectorOf(vectors: readonly Float32Array[], dimensions: number): Float32Array {
  const sum = new Float32Array(dimensions);
  for (const vector of vectors) {
    for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
  }
  return sum.map((value) => value / vectors.length);
}

export function createSearching(
  collection: Collection,
): Pick<Retriever, 'candidates' | 'fetch' | 'similar' | 'languages'> {
  const { server, record } = collection;
  const { collection: name } = server;

  /** The best passages that hold phrases in a script without spaces, which only their text shows. */
  async function withPhrases(
    { phrases }: WordQuery,
    query: Schemas['QueryRequest'],
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

  let seen:
    | { readonly found: readonly Language[]; readonly vector: string; readonly until: number }
    | undefined;

  /** The languages besides English that passages have: each of theirs has the mark of its language for a word. */
  async function languagesOf({ words: { vector } }: Manifest, call: Call): Promise<readonly Language[]> {
    if (seen && seen.vector === vector && seen.until > performance.now()) return seen.found;
    const searches = languages.map((language) => ({
      query: { indices: [termIndex(languageMark(language))], values: [1] },
      ...{ using: vector, limit: 1 },
    }));
    const answers = await server.read(call, (client) => client.queryBatch(name, { searches }));
    const found = languages.filter((_, i) => (answers[i]?.points.length ?? 0) > 0);
    seen = { found, vector, until: performance.now() + languagesKnownMs };
    return found;
  }

  async function ask(
    manifest: Manifest,
    wanted: Wanted,
    vector: QueryVector | undefined,
    conditions: readonly PointCondition[],
    call: Call,
  ): Promise<Candidates | undefined> {
    const spoken = await languagesOf(manifest, call);
    const lookup = wordLookup(wanted, spoken, manifest, conditions);
    const isByText = lookup && wanted.words.phrases.some(hasUnspaced);
    const byPhrase = isByText ? await withPhrases(wanted.words, lookup, wanted.byWords, call) : undefined;
    const batch = searchBatch(wanted, vector, spoken, manifest, conditions, byPhrase);
    const [answers, passages] = await Promise.all([
      server.read(call, (client) => client.queryBatch(name, { searches: batch.searches })),
      batch.needsCount ? collection.count({ must: [isPassage] }, call) : 0,
    ]);
    return batch.read(answers, passages);
  }

  async function candidates(wanted: Wanted, call: Call): Promise<Candidates> {
    // Also says which phrase cannot be looked for.
    termsOfPhrases(wanted.words, []);
    const conditions = await conditionsOf(collection, wanted.selection, call);
    const vector = await wanted.vector;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const found = await collection.whereThere(call, none, (manifest) =>
        ask(manifest, wanted, vector, conditions, call),
      );
      if (found) return found;
      // Another node has given the vectors another mean, or there is another model's.
      if (attempt > 0) await duringCall(delay(pauseMs * Math.random() * 2 ** attempt), call);
      await record.read(call);
    }
    const sentence = `The index is being changed again and again (collection "${name}" of ${server.words.name.replace(/^The/, 'the')}), so that it was not searched. Try again in a moment.`;
    throw new HydrogenError('unavailable', sentence);
  }

  return {
    candidates,

    async fetch(chunks, call) {
      if (chunks.length === 0) return [];
      const points = await collection.whereThere(call, [], () =>
        server.read(call, (client) =>
          client.retrieve(name, { ids: [...chunks], with_payload: passageFields }),
        ),
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

    async languages(chunks, call) {
      const of = await collection.whereThere(call, undefined, async (manifest) => {
        const [all, points] = await Promise.all([
          languagesOf(manifest, call),
          server.read(call, (client) =>
            client.retrieve(name, { ids: [...chunks], with_payload: ['language'] }),
          ),
        ]);
        return { all, points };
      });
      const { all = [], points = [] } = of ?? {};
      const byNumber = new Map(
        points.map(({ id, payload }) => [Number(id), (payload as unknown as PassagePayload).language]),
      );
      return { all, ofChunks: chunks.map((chunk) => byNumber.get(chunk) ?? 'en') };
    },

    async similar(id, selection, limit, call) {
      const manifest = await record.read(call);
      const space = manifest && spaceIn(manifest, 'serving');
      if (!space) return undefined;
      const isOwn = equals('document', id);
      const filter = { must: [isPassage, isOwn, { has_vector: space.vector }] };
      const [conditions, own] = await Promise.all([
        conditionsOf(collection, selection, call),
        collection.first({ filter, vectors: [space.vector], limit: maxPassages }, call),
      ]);
      const vectors = own.flatMap((point) => originalOf(point, space) ?? []);
      if (vectors.length === 0) return undefined;
      const mean = meanVectorOf(vectors, space.dimensions);
      const wanted = limit * chunksForEach;
      const { points } = await server.read(call, (client) =>
        client.query(name, {
          query: jsonOf(centred(mean, meanOf(space))),
          using: space.vector,
          params: approximately(wanted),
          filter: { must: [...conditions], must_not: [isOwn] },
          with_payload: ['document', 'title'],
          limit: wanted,
        }),
      );
      const found = new Map<string, Neighbour>();
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
