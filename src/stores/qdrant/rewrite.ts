import type { Call } from '../../call.ts';
import { centred, isMeanDue, meanOfAtMost, meanVector } from '../index/centring.ts';
import { indexedText } from '../index/indexed-text.ts';
import type { Collection } from './collection.ts';
import {
  meanOf,
  type NextWords,
  type StoredSpace,
  spaceIn,
  textOfMean,
  type WordSpace,
  withRetired,
} from './manifest.ts';
import { anyOf, equals, type Filter, isPassage, type PassagePayload, rounded } from './points.ts';
import { passageWords, sparseOf } from './words.ts';

// Vectors that are written again, since what they were made with has changed: the mean of a space, or the average length
// of passages. Each time they get another name, and the manifest then names that instead: a search never compares
// vectors of two means, and nothing is lost when a process ends in the middle of it. A passage that lacks the vector of a
// model is found by its words, and gets it as any new one does. Words have nobody who looks after them, so that other
// processes are told of theirs before: who writes passages looks at the manifest once more afterwards (`write.ts`), so
// that whatever was there by then is written again here, and all that comes later has both.

/**
 * An average of fewer passages than this is made anew once there are so many times more, sooner when no more are to come
 * for now, or half. Of more it is kept: the length of all passages then differs by a few percent at most, by which a
 * score differs less.
 */
const averageIsGood = 2_000;
const averageGrowth = { whileAdded: 2, complete: 1.1 };

/** Words that are not there after so long were left by a process that ended, or have many passages: others join in, ms. */
const abandonedMs = 300_000;

/** What has just been done: passages were added or removed, or the last one without a vector has got it. */
type Occasion = 'added' | 'removed' | 'complete';

/** Whether the average length of passages is to be made anew. Like the mean, it is only while there are few of them. */
function isAverageDue(passages: number, of: number, occasion: Occasion): boolean {
  if (passages * 2 < of) return true;
  const growth = occasion === 'complete' ? averageGrowth.complete : averageGrowth.whileAdded;
  return of < averageIsGood && passages >= of * growth;
}

export const withVector = (name: string): Filter => ({ must: [isPassage, { has_vector: name }] });
const withoutVector = (name: string): Filter => ({
  must: [isPassage],
  must_not: [{ has_vector: name }],
});
/** Those that wait for a vector: the model of one that was left out does not know its text. */
export const waitingFor = ({ vector, fingerprint, leavesOut }: StoredSpace): Filter => ({
  must: [isPassage],
  must_not: [{ has_vector: vector }, ...(leavesOut ? [equals('unknown', fingerprint)] : [])],
});

/**
 * The vector as the model made it, of length 1, from the one that is stored: that is (v - mean) / |v - mean|, and only
 * one vector of length 1 lies in its direction from the mean.
 */
function uncentred(stored: Float32Array, mean: Float32Array | undefined): Float32Array {
  if (!mean) return stored;
  let along = 0;
  let square = 0;
  for (let i = 0; i < stored.length; i++) {
    along += (stored[i] as number) * (mean[i] as number);
    square += (mean[i] as number) ** 2;
  }
  const distance = Math.sqrt(Math.max(0, along * along + 1 - square)) - along;
  return stored.map((value, i) => value * distance + (mean[i] as number));
}

export const jsonOf = (vector: Float32Array): number[] => Array.from(vector, rounded);

/** The vectors of a space as the model made them, of points that were read with them. */
export function originalOf(
  point: { readonly vector?: unknown },
  space: StoredSpace,
): Float32Array | undefined {
  const found = (point.vector as Readonly<Record<string, unknown>> | null | undefined)?.[space.vector];
  return Array.isArray(found) ? uncentred(Float32Array.from(found as number[]), meanOf(space)) : undefined;
}

export interface Rewriting {
  /**
   * Makes the mean of a space anew where that is due.
   * @returns whether no more vectors are known to come
   */
  tendMean(state: StoredSpace['state'], occasion: Occasion, call: Call): Promise<boolean>;
  /** Makes the average length anew where that is due, which it is no more once there were many passages. */
  tendWords(occasion: Occasion, call: Call): Promise<void>;
  /** Gives words to the passages that lack them, of some documents or of all. */
  writeWords(
    space: Pick<WordSpace, 'vector' | 'average'>,
    call: Call,
    documents?: readonly string[],
  ): Promise<void>;
}

export function createRewriting(collection: Collection): Rewriting {
  const { record } = collection;

  /** Passages that have a vector of the old mean and none of the new one get that. */
  async function recentre(
    space: StoredSpace,
    name: string,
    mean: Float32Array | undefined,
    call: Call,
  ): Promise<void> {
    const filter = { ...withVector(space.vector), must_not: [{ has_vector: name }] };
    for await (const points of collection.pages({ filter, vectors: [space.vector] }, call)) {
      const made = points.flatMap((point) => {
        const original = originalOf(point, space);
        return original ? [{ id: point.id, vector: { [name]: jsonOf(centred(original, mean)) } }] : [];
      });
      await collection.setVectors(made, name, call);
    }
  }

  /** The first vectors of a space, as the model made them, of which its mean is made. */
  async function sampleOf(space: StoredSpace, call: Call): Promise<{ readonly vector: Float32Array }[]> {
    const scan = { filter: withVector(space.vector), vectors: [space.vector] };
    const sample: { vector: Float32Array }[] = [];
    for await (const points of collection.pages(scan, call)) {
      const vectors = points.flatMap((point) => originalOf(point, space) ?? []);
      sample.push(...vectors.map((vector) => ({ vector })));
      if (sample.length >= meanOfAtMost) break;
    }
    return sample.slice(0, meanOfAtMost);
  }

  async function freezeMean(space: StoredSpace, call: Call): Promise<void> {
    const made = meanVector(await sampleOf(space, call), space.dimensions);
    if (!made && space.mean === undefined) return;
    const dense = { size: space.dimensions, distance: 'Dot' as const };
    const name = await collection.addVector('meaning', { dense }, call);
    await recentre(space, name, made?.mean, call);
    const { mean: _, ...rest } = space;
    const next: StoredSpace = {
      ...rest,
      vector: name,
      ...(made && { mean: textOfMean(made.mean) }),
      meanOf: made?.count ?? 0,
    };
    const after = await record.change(call, (manifest) =>
      manifest.spaces.some(({ vector }) => vector === space.vector)
        ? {
            ...withRetired(manifest, space.vector),
            spaces: manifest.spaces.map((one) => (one.vector === space.vector ? next : one)),
          }
        : manifest,
    );
    // What was written meanwhile.
    if (after.spaces.some(({ vector }) => vector === name)) await recentre(space, name, made?.mean, call);
    else await collection.deleteVector(name, call);
  }

  async function tendMean(state: StoredSpace['state'], occasion: Occasion, call: Call): Promise<boolean> {
    const manifest = await record.read(call);
    const space = manifest && spaceIn(manifest, state);
    if (!space) return false;
    // However many were added: it need not be known how many there are.
    if (occasion === 'added' && !isMeanDue(Number.POSITIVE_INFINITY, space.meanOf, true)) return false;
    const [vectors, pending] = await Promise.all([
      collection.count(withVector(space.vector), call),
      occasion === 'complete' ? 0 : collection.count(waitingFor(space), call),
    ]);
    // A space that is built is complete when it is put into service.
    const isComplete = occasion === 'complete' || (state === 'serving' && pending === 0);
    if (isMeanDue(vectors, space.meanOf, isComplete)) await freezeMean(space, call);
    return isComplete;
  }

  async function writeWords(
    { vector, average }: Pick<WordSpace, 'vector' | 'average'>,
    call: Call,
    documents?: readonly string[],
  ): Promise<void> {
    const lacking = withoutVector(vector);
    const filter = documents ? { ...lacking, must: [isPassage, anyOf('document', documents)] } : lacking;
    for await (const points of collection.pages(
      { filter, payload: ['title', 'heading', 'text', 'about', 'language'] },
      call,
    )) {
      const made = points.flatMap(({ id, payload }) => {
        const { title, heading, text, about, language } = payload as unknown as PassagePayload;
        const words = passageWords(
          indexedText(title, heading, text),
          about,
          language && { usual: () => language, only: [language] },
        );
        // Those without words need none.
        return words.length === 0 ? [] : [{ id, vector: { [vector]: sparseOf(words, average) } }];
      });
      await collection.setVectors(made, vector, call);
    }
  }

  async function averageLength(call: Call): Promise<{ average: number; of: number }> {
    let total = 0;
    let of = 0;
    for await (const points of collection.pages(
      { filter: { must: [isPassage] }, payload: ['length'] },
      call,
    )) {
      for (const { payload } of points) total += (payload as unknown as PassagePayload).length;
      of += points.length;
    }
    return { average: total / Math.max(1, of) || 1, of };
  }

  /** Makes the next words complete, and puts them into service. */
  async function finish(next: NextWords, call: Call): Promise<void> {
    await writeWords(next, call);
    const { vector, average, of } = next;
    await record.change(call, (now) =>
      now.words.next?.vector === vector
        ? { ...withRetired(now, now.words.vector), words: { vector, average, of } }
        : now,
    );
  }

  return {
    tendMean,
    writeWords,
    async tendWords(occasion, call) {
      const manifest = await record.known(call);
      if (!manifest) return;
      await collection.deleteRetired(manifest, call);
      const { next, ...words } = manifest.words;
      if (next) {
        if (Date.now() - next.begun > abandonedMs) await finish(next, call);
        return;
      }
      if (words.of >= averageIsGood && occasion !== 'removed') return;
      const passages = await collection.count({ must: [isPassage] }, call);
      if (passages === 0) {
        // The next passages determine it.
        await record.change(call, (now) =>
          now.words.of === 0 ? now : { ...now, words: { ...now.words, of: 0 } },
        );
        return;
      }
      if (!isAverageDue(passages, words.of, occasion)) return;
      const { average, of } = await averageLength(call);
      const vector = await collection.addVector('words', { sparse: { modifier: 'idf' } }, call);
      const begun: NextWords = { vector, average, of, begun: Date.now() };
      const after = await record.change(call, (now) =>
        now.words.vector === words.vector && !now.words.next
          ? { ...now, words: { ...now.words, next: begun } }
          : now,
      );
      if (after.words.next?.vector === vector) await finish(begun, call);
      else await collection.deleteVector(vector, call);
    },
  };
}
