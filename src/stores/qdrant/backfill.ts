import type { Call } from '../../call.ts';
import { centred } from '../index/centring.ts';
import { indexedText } from '../index/indexed-text.ts';
import { otherModelIsBuilt, otherModelServes } from '../index/space-conflicts.ts';
import type { Backfill, PendingChunk, VectorSpace } from '../index/types.ts';
import type { Collection } from './collection.ts';
import { type Manifest, meanOf, type StoredSpace, spaceIn, withRetired } from './manifest.ts';
import { anyOf, type Filter, isPassage, type PassagePayload } from './points.ts';
import { jsonOf, type Rewriting, waitingFor, withVector } from './rewrite.ts';

// The vectors of a model are one named vector of the passages. Another model's is built as a second one of the same
// passages, what is written meanwhile included, and serves from one change of the manifest's point on: neither words nor
// payload are written twice, and no alias has to lead from one collection to another.

type NewVectors = readonly { readonly chunk: number; readonly vector: Float32Array }[];

/** Scaled to length 1: what is stored is centred and scaled, and only then the original can be computed from it. */
const ofLengthOne = (vector: Float32Array): Float32Array => centred(vector, undefined);

const pendingOf = ({ id, payload }: { readonly id: unknown; readonly payload?: unknown }): PendingChunk => {
  const { title, heading, text } = payload as PassagePayload;
  return { chunk: Number(id), text: indexedText(title, heading, text) };
};

const texts = ['title', 'heading', 'text'];

export function createBackfill(collection: Collection, rewriting: Rewriting): Backfill {
  const { record } = collection;

  async function addSpace(
    { fingerprint, dimensions }: VectorSpace,
    state: StoredSpace['state'],
    call: Call,
  ): Promise<Manifest> {
    const dense = { size: dimensions, distance: 'Dot' as const };
    const vector = await collection.addVector('meaning', { dense }, call);
    const added: StoredSpace = { fingerprint, dimensions, vector, state, meanOf: 0 };
    const after = await record.change(call, (manifest) =>
      spaceIn(manifest, state) ? manifest : { ...manifest, spaces: [...manifest.spaces, added] },
    );
    // Another node was faster.
    if (!after.spaces.some((one) => one.vector === vector)) await collection.deleteVector(vector, call);
    return after;
  }

  const retire = (manifest: Manifest, { vector: name }: StoredSpace): Manifest => ({
    ...withRetired(manifest, name),
    spaces: manifest.spaces.filter(({ vector }) => vector !== name),
  });

  /** With a serving space, which is made if there is none; another model's without vectors is replaced. */
  async function adopted(wanted: VectorSpace, call: Call): Promise<Manifest> {
    let manifest = await record.ensured(call);
    const serving = spaceIn(manifest, 'serving');
    if (serving?.fingerprint === wanted.fingerprint) return manifest;
    if (serving) {
      if ((await collection.count(withVector(serving.vector), call)) > 0) throw otherModelServes();
      manifest = await record.change(call, (now) =>
        now.spaces.some(({ vector }) => vector === serving.vector) ? retire(now, serving) : now,
      );
    }
    return addSpace(wanted, 'serving', call);
  }

  /** With a serving space whose passages may be left out: what says so has its index from the first one on. */
  async function leavingOut(manifest: Manifest, call: Call): Promise<Manifest> {
    const serving = spaceIn(manifest, 'serving');
    if (!serving || serving.leavesOut) return manifest;
    await collection.server.write(call, (client) =>
      client.createPayloadIndex(collection.server.collection, {
        ...{ field_name: 'unknown', field_schema: 'keyword' },
        wait: true,
      }),
    );
    return record.change(call, (now) => ({
      ...now,
      spaces: now.spaces.map((one) =>
        one.vector === serving.vector ? { ...one, leavesOut: true as const } : one,
      ),
    }));
  }

  function beingBuilt(manifest: Manifest | undefined, { fingerprint }: VectorSpace): StoredSpace {
    const building = manifest && spaceIn(manifest, 'building');
    if (building?.fingerprint !== fingerprint) throw otherModelIsBuilt();
    return building;
  }

  /** Passages that lack the vector: those that are named, or all with the same content as one of these. */
  async function lacking(
    name: string,
    which: Filter['must'],
    call: Call,
  ): Promise<{ readonly id: number; readonly content: string }[]> {
    const filter = { must: [isPassage, which].flat() as never, must_not: [{ has_vector: name }] };
    const found: { id: number; content: string }[] = [];
    for await (const points of collection.pages({ filter, payload: ['content'] }, call)) {
      for (const { id, payload } of points) {
        found.push({ id: Number(id), content: (payload as unknown as PassagePayload).content });
      }
    }
    return found;
  }

  async function save(
    space: StoredSpace,
    targets: readonly { readonly id: number; readonly vector: Float32Array }[],
    call: Call,
  ): Promise<number> {
    const mean = meanOf(space);
    const points = targets.map(({ id, vector }) => ({
      id,
      vector: { [space.vector]: jsonOf(centred(ofLengthOne(vector), mean)) },
    }));
    await collection.setVectors(points, space.vector, call);
    return points.length;
  }

  /** As `save`, where another node may give the space another mean meanwhile. */
  function saveIn(
    manifest: Manifest,
    find: (manifest: Manifest) => StoredSpace,
    targetsOf: (space: StoredSpace) => Promise<readonly { id: number; vector: Float32Array }[]>,
    call: Call,
  ): Promise<number> {
    return collection.withManifest(call, manifest, async (now) => {
      const space = find(now);
      return save(space, await targetsOf(space), call);
    });
  }

  return {
    async pending(limit, call) {
      const manifest = await record.read(call);
      if (!manifest) return { chunks: [], total: 0 };
      const serving = spaceIn(manifest, 'serving');
      const filter = serving ? waitingFor(serving) : { must: [isPassage] };
      // In order of number, which is a hash: the first vectors, of which the mean is made, are a sample of all documents.
      const [points, total] = await Promise.all([
        collection.first({ filter, payload: texts, limit }, call),
        collection.count(filter, call),
      ]);
      return { chunks: points.map(pendingOf), total };
    },

    async saveVectors(wanted, vectors: NewVectors, call) {
      if (vectors.length === 0) return 0;
      const byChunk = new Map(vectors.map(({ chunk, vector }) => [chunk, vector]));
      const saved = await saveIn(
        await adopted(wanted, call),
        (manifest) => {
          const serving = spaceIn(manifest, 'serving');
          if (serving?.fingerprint !== wanted.fingerprint) throw otherModelServes();
          return serving;
        },
        async ({ vector: name }) => {
          const given = await lacking(name, [{ has_id: [...byChunk.keys()] }], call);
          const byContent = new Map(given.map(({ id, content }) => [content, byChunk.get(id)]));
          if (byContent.size === 0) return [];
          const targets = await lacking(name, [anyOf('content', [...byContent.keys()])], call);
          return targets.flatMap(({ id, content }) => {
            const vector = byChunk.get(id) ?? byContent.get(content);
            return vector ? [{ id, vector }] : [];
          });
        },
        call,
      );
      const isComplete = await rewriting.tendMean('serving', 'added', call);
      if (isComplete) await rewriting.tendWords('complete', call);
      return saved;
    },

    async leaveOut(wanted, chunks, call) {
      const manifest = await adopted(wanted, call);
      if (chunks.length === 0) return;
      await collection.withManifest(call, await leavingOut(manifest, call), async (now) => {
        const serving = spaceIn(now, 'serving');
        if (serving?.fingerprint !== wanted.fingerprint) throw otherModelServes();
        const { vector: name } = serving;
        const given = await lacking(name, [{ has_id: [...chunks] }], call);
        const contents = [...new Set(given.map(({ content }) => content))];
        if (contents.length === 0) return;
        const points = (await lacking(name, [anyOf('content', contents)], call)).map(({ id }) => id);
        await collection.update(
          [{ set_payload: { payload: { unknown: serving.fingerprint }, points } }],
          call,
        );
      });
      const isComplete = await rewriting.tendMean('serving', 'added', call);
      if (isComplete) await rewriting.tendWords('complete', call);
    },

    async withoutVectors(call) {
      const manifest = await record.read(call);
      const serving = manifest && spaceIn(manifest, 'serving');
      if (!serving || (await collection.count(withVector(serving.vector), call)) > 0) return undefined;
      return serving.fingerprint;
    },

    async build(wanted, call) {
      const manifest = await record.ensured(call);
      const building = spaceIn(manifest, 'building');
      if (building?.fingerprint === wanted.fingerprint) return;
      if (building) {
        await record.change(call, (now) =>
          now.spaces.some(({ vector }) => vector === building.vector) ? retire(now, building) : now,
        );
      }
      if (spaceIn(manifest, 'serving')?.fingerprint === wanted.fingerprint) return;
      await addSpace(wanted, 'building', call);
    },

    async unbuilt(after, limit, call) {
      const manifest = await record.read(call);
      const building = manifest && spaceIn(manifest, 'building');
      if (!building) return [];
      const points = await collection.first(
        { filter: waitingFor(building), payload: texts, limit, after },
        call,
      );
      return points.map(pendingOf);
    },

    async buildVectors(wanted, vectors: NewVectors, call) {
      const byChunk = new Map(vectors.map(({ chunk, vector }) => [chunk, vector]));
      const saved = await saveIn(
        await record.ensured(call),
        (manifest) => beingBuilt(manifest, wanted),
        async ({ vector: name }) => {
          const given = await lacking(name, [{ has_id: [...byChunk.keys()] }], call);
          return given.flatMap(({ id }) => {
            const vector = byChunk.get(id);
            return vector ? [{ id, vector }] : [];
          });
        },
        call,
      );
      await rewriting.tendMean('building', 'added', call);
      return saved;
    },

    async switchSpace(wanted, call) {
      beingBuilt(await record.read(call), wanted);
      await rewriting.tendMean('building', 'complete', call);
      await record.change(call, (manifest) => {
        const built = beingBuilt(manifest, wanted);
        const serving = spaceIn(manifest, 'serving');
        const after = serving ? retire(manifest, serving) : manifest;
        return {
          ...after,
          spaces: after.spaces.map((one) =>
            one.vector === built.vector ? { ...one, state: 'serving' as const } : one,
          ),
        };
      });
    },

    async removeRetired(call) {
      const manifest = await record.read(call);
      return manifest !== undefined && (await collection.deleteRetired(manifest, call));
    },
  };
}
