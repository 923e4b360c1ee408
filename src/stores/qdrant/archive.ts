import type { Call } from '../../call.ts';
import { centred } from '../index/centring.ts';
import type { ArchivedChunk, ArchivedSpace, ChunkPlace, PassageArchive } from '../index/types.ts';
import { openCollection } from './collection.ts';
import { meanOf, type StoredSpace, spaceIn, textOfMean, withRetired } from './manifest.ts';
import { anyOf, isPassage, type PassagePayload } from './points.ts';
import { createRewriting, jsonOf, originalOf, withVector } from './rewrite.ts';
import { connect, type QdrantSettings } from './server.ts';

const fields = ['document', 'passage', 'heading', 'lines', 'place', 'text'];
/** Contents that a filter names. */
const contentsAtATime = 500;

/** The passages of the collection as they are, with their vectors as the model made them. */
export function createQdrantPassageArchive(settings: QdrantSettings): PassageArchive {
  const collection = openCollection(connect(settings));
  const { record } = collection;
  const rewriting = createRewriting(collection);

  async function withoutVectors(space: StoredSpace, call: Call): Promise<boolean> {
    return (await collection.count(withVector(space.vector), call)) === 0;
  }

  function chunkOf(payload: PassagePayload, vector: Float32Array | undefined): ArchivedChunk {
    const { passage, heading, lines, place, text } = payload;
    return {
      ...{ id: passage, heading, lines, text },
      ...(place !== undefined && place !== null && { place: place as ChunkPlace }),
      ...(vector && { vector }),
    };
  }

  return {
    async passages(ids, call) {
      const found = new Map<string, ArchivedChunk[]>();
      const manifest = await record.read(call);
      if (!manifest || ids.length === 0) return found;
      const serving = spaceIn(manifest, 'serving');
      const filter = { must: [isPassage, anyOf('document', ids)] };
      const scan = { filter, payload: fields, ...(serving && { vectors: [serving.vector] }) };
      for await (const points of collection.pages(scan, call)) {
        for (const point of points) {
          const payload = point.payload as unknown as PassagePayload;
          const chunk = chunkOf(payload, serving && originalOf(point, serving));
          found.set(payload.document, [...(found.get(payload.document) ?? []), chunk]);
        }
      }
      return found;
    },

    async space(call) {
      const manifest = await record.read(call);
      const serving = manifest && spaceIn(manifest, 'serving');
      if (!serving || (await withoutVectors(serving, call))) return undefined;
      const mean = meanOf(serving);
      const { fingerprint, dimensions } = serving;
      return { fingerprint, dimensions, meanOf: serving.meanOf, ...(mean && { mean }) };
    },

    async adopt(space: ArchivedSpace, call) {
      const { fingerprint, dimensions, mean } = space;
      const isWanted = (one: StoredSpace): boolean =>
        one.fingerprint === fingerprint && one.meanOf === space.meanOf;
      const manifest = await record.ensured(call);
      const serving = spaceIn(manifest, 'serving');
      if (serving && (isWanted(serving) || !(await withoutVectors(serving, call))))
        return serving.fingerprint === fingerprint;
      const vector = await collection.addVector(
        'meaning',
        { dense: { size: dimensions, distance: 'Dot' as const } },
        call,
      );
      const added: StoredSpace = {
        ...{ fingerprint, dimensions, vector, state: 'serving', meanOf: space.meanOf },
        ...(mean && { mean: textOfMean(mean) }),
      };
      const after = await record.change(call, (now) => ({
        ...(serving ? withRetired(now, serving.vector) : now),
        spaces: [...now.spaces.filter(({ state }) => state !== 'serving'), added],
      }));
      return spaceIn(after, 'serving')?.vector === vector;
    },

    async saveVectors(vectors, call) {
      const serving = spaceIn(await record.ensured(call), 'serving');
      if (!serving) return;
      const mean = meanOf(serving);
      for (let from = 0; from < vectors.length; from += contentsAtATime) {
        const some = new Map(
          vectors.slice(from, from + contentsAtATime).map(({ content, vector }) => [content, vector]),
        );
        const filter = {
          must: [isPassage, anyOf('content', [...some.keys()])],
          must_not: [{ has_vector: serving.vector }],
        };
        for await (const points of collection.pages({ filter, payload: ['content'] }, call)) {
          const made = points.flatMap(({ id, payload }) => {
            const vector = some.get((payload as unknown as PassagePayload).content);
            return vector
              ? [{ id, vector: { [serving.vector]: jsonOf(centred(centred(vector, undefined), mean)) } }]
              : [];
          });
          await collection.setVectors(made, serving.vector, call);
        }
      }
    },

    async settle(call) {
      const isComplete = await rewriting.tendMean('serving', 'removed', call);
      await rewriting.tendWords(isComplete ? 'complete' : 'added', call);
    },
  };
}
