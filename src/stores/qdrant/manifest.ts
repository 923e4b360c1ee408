import { randomUUID } from 'node:crypto';
import type { Schemas } from '@qdrant/js-client-rest';
import type { Call } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import type { VectorSpace } from '../index/types.ts';
import { isManifest, manifestPoint } from './points.ts';
import type { Server } from './server.ts';

/** The vectors of a model. Their name changes with the mean that they are centred on. */
export interface StoredSpace extends VectorSpace {
  readonly vector: string;
  readonly state: 'serving' | 'building';
  /** The mean, as base64 of its floats, and of how many vectors it is. */
  readonly mean?: string;
  readonly meanOf: number;
  /** Passages may say that they get no vector of it. */
  readonly leavesOut?: true;
}

/** The sparse vector of words, and the average length that its values are made with, of how many passages. */
export interface WordSpace {
  readonly vector: string;
  readonly average: number;
  readonly of: number;
}

/** What is being made to take the place of the words. Whoever writes passages from then on gives them both. */
export interface NextWords extends WordSpace {
  /** When it was begun, ms since the epoch. */
  readonly begun: number;
}

/** A vector that nobody reads any more, to be deleted some time after that, ms since the epoch. */
interface Retired {
  readonly vector: string;
  readonly since: number;
}

/**
 * What all nodes must know of a collection. Each revision is a point of its own, which is written only if there is none
 * of its number yet, so that of two nodes that change it at once one is told. The collection's metadata could be
 * overwritten by both, and would take a request of its own with each search; and a condition on the point that is
 * changed may meet an old copy of it while the server rewrites its segments.
 */
export interface Manifest {
  readonly format: number;
  readonly revision: number;
  /** The number in the name of the next vector. */
  readonly next: number;
  readonly words: WordSpace & { readonly next?: NextWords };
  readonly spaces: readonly StoredSpace[];
  readonly retired: readonly Retired[];
}

/** Changes with the layout of the points, and of this. */
const format = 2;

/** Payload fields that are asked for, with their indexes. A strict server refuses conditions on others. */
const indexes: Readonly<Record<string, Schemas['PayloadFieldSchema']>> = {
  kind: 'keyword',
  document: { type: 'keyword', prefix: true },
  source: 'keyword',
  type: 'keyword',
  content: { type: 'keyword', on_disk: true },
  is: 'keyword',
  'ranges[].p': 'keyword',
  'ranges[].v': 'float',
  modified: 'integer',
  indexed_at: 'integer',
  revision: 'integer',
  plain: { type: 'text', tokenizer: 'whitespace', lowercase: false, phrase_matching: true, on_disk: true },
};

const empty: Manifest = {
  format,
  revision: 0,
  next: 2,
  words: { vector: 'words_1', average: 0, of: 0 },
  spaces: [],
  retired: [],
};

interface ManifestPayload {
  readonly manifest: Manifest;
  /** Who wrote it. */
  readonly token: string;
}

/** Revisions that are there at once, at most: each is deleted by the one that writes the next. */
export const maxRevisions = 32;

export function meanOf({ mean }: Pick<StoredSpace, 'mean'>): Float32Array | undefined {
  if (mean === undefined) return undefined;
  return new Float32Array(Uint8Array.from(Buffer.from(mean, 'base64')).buffer);
}

export const textOfMean = (mean: Float32Array): string =>
  Buffer.from(mean.buffer, mean.byteOffset, mean.byteLength).toString('base64');

export const withRetired = (manifest: Manifest, vector: string): Manifest => ({
  ...manifest,
  retired: [...manifest.retired, { vector, since: Date.now() }],
});

/** Everything that passages have words in. */
export const wordSpaces = ({ words: { next, ...words } }: Pick<Manifest, 'words'>): readonly WordSpace[] =>
  next ? [words, next] : [words];

export function spaceIn(
  { spaces }: Pick<Manifest, 'spaces'>,
  state: StoredSpace['state'],
): StoredSpace | undefined {
  return spaces.find((one) => one.state === state);
}

const isMissing = (error: unknown): boolean => error instanceof HydrogenError && error.code === 'not_found';

/** How often a change is tried again that another node's came before. */
const maxAttempts = 8;

export interface ManifestRecord {
  /** What was last read, or is read now; undefined where there is no collection yet. */
  known(call: Call): Promise<Manifest | undefined>;
  /** As it is now. */
  read(call: Call): Promise<Manifest | undefined>;
  /** As it is now; the collection is created where there is none. */
  ensured(call: Call): Promise<Manifest>;
  /**
   * Changes it, whatever other nodes do meanwhile: `change` is given it as it is, and may be called again. A change that
   * returns its argument changes nothing.
   */
  change(call: Call, change: (manifest: Manifest) => Manifest): Promise<Manifest>;
  /** Forgets what is known, since it was different on the server. */
  forget(): void;
}

export function createManifestRecord(server: Server): ManifestRecord {
  const { collection, words } = server;
  let known: Manifest | undefined;

  /** The newest revision. */
  async function payload(call: Call): Promise<ManifestPayload | undefined> {
    try {
      const { points } = await server.read(call, (client) =>
        client.scroll(collection, {
          filter: { must: [isManifest] },
          with_payload: true,
          limit: maxRevisions,
        }),
      );
      const all = points.map((point) => point.payload as unknown as ManifestPayload);
      return all.sort((a, b) => b.manifest.revision - a.manifest.revision)[0];
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async function read(call: Call): Promise<Manifest | undefined> {
    known = (await payload(call))?.manifest;
    if (known && known.format !== format) {
      const sentence = `The collection "${collection}" of ${words.name.replace(/^The/, 'the')} was made by another version of Hydrogen. Use another collection, or the same version everywhere.`;
      throw new HydrogenError('conflict', sentence);
    }
    return known;
  }

  /** Whether the collection is ours to fill: it did not exist, or is empty. */
  async function createCollection(call: Call): Promise<void> {
    try {
      await server.write(call, (client) =>
        client.createCollection(collection, {
          sparse_vectors: { [empty.words.vector]: { modifier: 'idf', index: { on_disk: true } } },
          // Of the floats, a quarter in memory; what they find is scored again by the floats, which are read from disk.
          quantization_config: { scalar: { type: 'int8', quantile: 0.99, always_ram: true } },
          on_disk_payload: true,
        }),
      );
    } catch (error) {
      // 409, or 400 in older versions: another node was faster.
      const exists = await server.read(call, (client) => client.collectionExists(collection));
      if (!exists.exists) throw error;
      const { points_count: points } = await server.read(call, (client) => client.getCollection(collection));
      if ((points ?? 0) > 0 && !(await payload(call))) {
        const sentence = `The collection "${collection}" of ${words.name.replace(/^The/, 'the')} holds points that are not Hydrogen's. Name another one in qdrantCollection.`;
        throw new HydrogenError('conflict', sentence);
      }
    }
    const wanted = Object.entries(indexes).map(([field_name, field_schema]) =>
      server.write(call, (client) =>
        client.createPayloadIndex(collection, { field_name, field_schema, wait: true }),
      ),
    );
    await Promise.all(wanted);
  }

  /** Whether this is the newest revision now, and written by this call. */
  async function write(call: Call, manifest: Manifest): Promise<boolean> {
    const token = randomUUID();
    const { revision } = manifest;
    const point = {
      id: manifestPoint(revision),
      vector: {},
      payload: { kind: 'manifest', revision, token, manifest },
    };
    await server.write(call, (client) =>
      client.upsert(collection, { points: [point], update_mode: 'insert_only', wait: true }),
    );
    const newest = await payload(call);
    known = newest?.manifest;
    if (newest?.token !== token) return false;
    const older = { must: [isManifest, { key: 'revision', range: { lt: revision } }] };
    await server.write(call, (client) => client.delete(collection, { filter: older, wait: true }));
    return true;
  }

  const record: ManifestRecord = {
    known: async (call) => known ?? read(call),
    read,
    forget: () => {
      known = undefined;
    },
    async ensured(call) {
      const found = await read(call);
      if (found) return found;
      await createCollection(call);
      await write(call, empty);
      return known ?? record.ensured(call);
    },
    async change(call, change) {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const before = await record.ensured(call);
        const after = change(before);
        if (after === before) return before;
        const next = { ...after, revision: before.revision + 1 };
        if (await write(call, next)) return next;
      }
      const sentence = `Other nodes changed the collection "${collection}" again and again meanwhile. Try again.`;
      throw new HydrogenError('conflict', sentence);
    },
  };
  return record;
}
