import type { Schemas } from '@qdrant/js-client-rest';
import type { Call } from '../../call.ts';
import { aboutOf, firstPassage } from '../index/about.ts';
import { contentOf, indexedText } from '../index/indexed-text.ts';
import type { Spoken } from '../index/language-of.ts';
import { spokenIn } from '../index/spoken.ts';
import type { NewChunk, NewDocument, Retriever } from '../index/types.ts';
import type { Collection } from './collection.ts';
import { type Manifest, wordSpaces } from './manifest.ts';
import {
  anyOf,
  type DocumentPayload,
  type DocumentPoint,
  documentPoint,
  equals,
  isPassage,
  type PassagePayload,
  passageNumber,
} from './points.ts';
import type { Rewriting } from './rewrite.ts';
import { payloadOf } from './selection.ts';
import { type PassageWords, passageWords, plainOf, sparseOf } from './words.ts';

/** Points of a request, which has 32 MiB at most on a server as it comes. */
const pointsAtATime = 128;
/** Operations on documents, and on passages that have moved in theirs. */
const operationsAtATime = 500;
/** Documents that a filter names. */
const idsAtATime = 1_000;

/** A passage as it is in the collection. */
interface Known
  extends Pick<PassagePayload, 'document' | 'passage' | 'content' | 'format' | 'lines' | 'about'> {
  readonly number: number;
  readonly place?: unknown;
}

/** A passage to be written. */
interface Fresh {
  readonly chunk: NewChunk;
  readonly content: string;
  readonly indexed: string;
  /** Of the document's first passage. */
  readonly about: string;
  readonly spoken: Spoken;
  number: number;
}

/** What becomes of a document. */
interface Change {
  readonly document: NewDocument;
  readonly shared: DocumentPayload;
  readonly fresh: readonly Fresh[];
  readonly unchanged: readonly { readonly chunk: NewChunk; readonly known: Known }[];
  readonly obsolete: readonly number[];
}

type Operation = Schemas['UpdateOperation'];
type Vectors = Readonly<Record<string, number[]>>;

function prepared(document: NewDocument): Fresh[] {
  const first = firstPassage(document.chunks);
  const spoken = spokenIn(document);
  return document.chunks.map((chunk) => {
    const about = chunk === first ? aboutOf(document) : '';
    const indexed = indexedText(document.title, chunk.heading, chunk.text);
    const content = Buffer.from(contentOf(indexed)).toString('hex');
    return {
      chunk,
      content,
      indexed,
      about,
      spoken,
      number: passageNumber(document.id, chunk.id, content, 0),
    };
  });
}

const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

export function createWriting(
  collection: Collection,
  rewriting: Rewriting,
): Pick<Retriever, 'upsert' | 'remove' | 'removeSource' | 'touch'> {
  const { record } = collection;

  /** The passages of documents, and any others whose number is wanted. */
  async function knownPassages(
    ids: readonly string[],
    numbers: readonly number[],
    call: Call,
  ): Promise<Known[]> {
    const known: Known[] = [];
    const filter = { must: [isPassage], should: [anyOf('document', ids), { has_id: [...numbers] }] };
    const payload = ['document', 'passage', 'content', 'format', 'lines', 'place', 'about'];
    for await (const points of collection.pages({ filter, payload, pageSize: 2_000 }, call)) {
      for (const { id, payload: found } of points) {
        known.push({ ...(found as unknown as Omit<Known, 'number'>), number: Number(id) });
      }
    }
    return known;
  }

  function changeOf(document: NewDocument, all: readonly Fresh[], known: readonly Known[]): Change {
    const { shared } = payloadOf(document);
    const left = new Map<string, Known[]>();
    for (const one of known) {
      if (one.document !== document.id) continue;
      left.set(one.passage, [...(left.get(one.passage) ?? []), one]);
    }
    const fresh: Fresh[] = [];
    const unchanged: { chunk: NewChunk; known: Known }[] = [];
    for (const one of all) {
      const same = left
        .get(one.chunk.id)
        ?.find(
          ({ content, format, about = '' }) =>
            content === one.content && format === document.format && about === one.about,
        );
      if (same) {
        left.set(
          one.chunk.id,
          (left.get(one.chunk.id) ?? []).filter((other) => other !== same),
        );
        unchanged.push({ chunk: one.chunk, known: same });
      } else fresh.push(one);
    }
    const written = new Set(fresh.map(({ number }) => number));
    const obsolete = [...left.values()]
      .flat()
      .map(({ number }) => number)
      .filter((number) => !written.has(number));
    return { document, shared, fresh, unchanged, obsolete };
  }

  /** Gives another number to a passage whose number another passage has. */
  function renumber(document: NewDocument, all: readonly Fresh[], known: readonly Known[]): void {
    const others = new Map(known.map((one) => [one.number, one]));
    const taken = new Set<number>();
    for (const one of all) {
      for (let attempt = 1; ; attempt++) {
        const holder = others.get(one.number);
        const isOwn =
          holder === undefined ||
          (holder.document === document.id &&
            holder.passage === one.chunk.id &&
            holder.content === one.content);
        if (isOwn && !taken.has(one.number)) break;
        one.number = passageNumber(document.id, one.chunk.id, one.content, attempt);
      }
      taken.add(one.number);
    }
  }

  /** The vectors of passages with the same content, in every space: they are not made again. */
  async function twins(
    contents: readonly string[],
    { spaces }: Manifest,
    call: Call,
  ): Promise<ReadonlyMap<string, Vectors>> {
    const found = new Map<string, Vectors>();
    if (spaces.length === 0 || contents.length === 0) return found;
    const names = spaces.map(({ vector }) => vector);
    for (let from = 0; from < contents.length; from += idsAtATime) {
      const some = contents.slice(from, from + idsAtATime);
      const filter = {
        must: [isPassage, anyOf('content', some)],
        should: names.map((name) => ({ has_vector: name })),
      };
      const scan = { filter, payload: ['content'], vectors: names };
      for await (const points of collection.pages(scan, call)) {
        for (const { payload, vector } of points) {
          const { content } = payload as unknown as PassagePayload;
          found.set(content, { ...found.get(content), ...(vector as unknown as Vectors) });
        }
      }
    }
    return found;
  }

  function passagePoint(
    { document, shared }: Change,
    { chunk, content, number, about }: Fresh,
    words: PassageWords,
    manifest: Manifest,
    vectors: Vectors | undefined,
  ): Schemas['PointStruct'] {
    const { id, heading, lines, place, text } = chunk;
    const payload: PassagePayload = {
      ...shared,
      kind: 'passage',
      passage: id,
      content,
      format: document.format,
      length: words.length,
      heading,
      lines,
      ...(place !== undefined && { place }),
      text,
      ...(about !== '' && { about }),
      language: words.tongue,
      plain: plainOf(document.title, heading, text),
    };
    const spaces = words.length > 0 ? wordSpaces(manifest) : [];
    const sparse = spaces.map(({ vector, average }) => [vector, sparseOf(words, average)] as const);
    return {
      id: number,
      vector: { ...vectors, ...Object.fromEntries(sparse) },
      payload: { ...payload },
    };
  }

  /** What unchanged passages must be told of their document, and those that have moved in it, of their place. */
  function movedOperations({ shared, unchanged }: Change): Operation[] {
    if (unchanged.length === 0) return [];
    const points = unchanged.map(({ known }) => known.number);
    const payload = { ...shared, modified: shared.modified ?? null };
    const moved = unchanged.filter(
      ({ chunk, known }) => !sameJson(chunk.lines, known.lines) || !sameJson(chunk.place, known.place),
    );
    return [
      { set_payload: { payload, points } },
      ...moved.map(({ chunk, known }) => ({
        set_payload: {
          payload: { lines: chunk.lines, place: chunk.place ?? null },
          points: [known.number],
        },
      })),
    ];
  }

  function documentPayload({ document, shared }: Change): Schemas['PointStruct'] {
    const payload: DocumentPoint = { ...shared, kind: 'document', ...payloadOf(document).facts };
    return { id: documentPoint(document.id), vector: {}, payload: { ...payload } };
  }

  /** The average of the first passages; later ones change it by the rule of `tendWords`. */
  async function withAverage(
    manifest: Manifest,
    words: readonly PassageWords[],
    call: Call,
  ): Promise<Manifest> {
    if (manifest.words.of > 0 || words.length === 0) return manifest;
    const average = words.reduce((sum, { length }) => sum + length, 0) / words.length || 1;
    return record.change(call, (now) =>
      now.words.of > 0 ? now : { ...now, words: { ...now.words, average, of: words.length } },
    );
  }

  /**
   * Passages that were written while others were given other words may lack those; so may those that a call wrote which
   * then ended. Nobody looks for them afterwards.
   */
  async function completeWords(changes: readonly Change[], before: Manifest, call: Call): Promise<void> {
    const written = new Set(wordSpaces(before).map(({ vector }) => vector));
    const kept = changes.filter(({ unchanged }) => unchanged.length > 0);
    await collection.withManifest(call, await record.ensured(call), async (now) => {
      for (const space of wordSpaces(now)) {
        const some = written.has(space.vector) ? kept : changes;
        const ids = some.map(({ document }) => document.id);
        for (let from = 0; from < ids.length; from += idsAtATime) {
          await rewriting.writeWords(space, call, ids.slice(from, from + idsAtATime));
        }
      }
    });
  }

  async function write(documents: readonly NewDocument[], before: Manifest, call: Call): Promise<void> {
    const all = new Map(documents.map((document) => [document, prepared(document)]));
    const numbers = [...all.values()].flatMap((fresh) => fresh.map(({ number }) => number));
    const ids = documents.map(({ id }) => id);
    const known = await knownPassages(ids, numbers, call);
    const changes = documents.map((document) => {
      const fresh = all.get(document) ?? [];
      renumber(document, fresh, known);
      return changeOf(document, fresh, known);
    });
    const fresh = changes.flatMap((change) => change.fresh.map((one) => ({ change, one })));
    const words = fresh.map(({ one }) => passageWords(one.indexed, one.about, one.spoken));
    const manifest = await withAverage(before, words, call);
    const vectors = await twins([...new Set(fresh.map(({ one }) => one.content))], manifest, call);
    for (let from = 0; from < fresh.length; from += pointsAtATime) {
      const points = fresh
        .slice(from, from + pointsAtATime)
        .map(({ change, one }, i) =>
          passagePoint(change, one, words[from + i] as PassageWords, manifest, vectors.get(one.content)),
        );
      await collection.update([{ upsert: { points } }], call);
    }
    const obsolete = changes.flatMap((change) => change.obsolete);
    const operations: Operation[] = [
      ...changes.map((change) => ({ upsert: { points: [documentPayload(change)] } })),
      ...changes.flatMap(movedOperations),
      ...(obsolete.length > 0 ? [{ delete: { points: obsolete } }] : []),
    ];
    for (let from = 0; from < operations.length; from += operationsAtATime) {
      await collection.update(operations.slice(from, from + operationsAtATime), call);
    }
    await completeWords(changes, manifest, call);
  }

  /** After passages were removed, what was made of them must not show in later answers. */
  async function tend(call: Call): Promise<void> {
    await rewriting.tendMean('serving', 'removed', call);
    await rewriting.tendWords('removed', call);
  }

  return {
    async upsert(documents, call) {
      if (documents.length === 0) return;
      // The last of those with the same id counts.
      const latest = [...new Map(documents.map((document) => [document.id, document])).values()];
      const manifest = await record.ensured(call);
      await collection.withManifest(call, manifest, (now) => write(latest, now, call));
      await rewriting.tendWords('added', call);
    },

    remove: (ids, call) =>
      collection.whereThere(call, undefined, async () => {
        if (ids.length === 0) return;
        for (let from = 0; from < ids.length; from += idsAtATime) {
          const filter = { must: [anyOf('document', ids.slice(from, from + idsAtATime))] };
          await collection.update([{ delete: { filter } }], call);
        }
        await tend(call);
      }),

    removeSource: (name, call) =>
      collection.whereThere(call, undefined, async () => {
        await collection.update([{ delete: { filter: { must: [equals('source', name)] } } }], call);
        await tend(call);
      }),

    touch: (files, call) =>
      collection.whereThere(call, undefined, async () => {
        for (let from = 0; from < files.length; from += idsAtATime) {
          const operations = files.slice(from, from + idsAtATime).map(({ id, modified }) => ({
            set_payload: {
              payload: { modified: modified === 0 ? null : Math.abs(modified) },
              filter: { must: [equals('document', id)] },
            },
          }));
          await collection.update(operations, call);
        }
      }),
  };
}
