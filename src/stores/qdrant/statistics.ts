import type { Call } from '../../call.ts';
import type { IndexStatistics, Retriever } from '../index/types.ts';
import type { Collection } from './collection.ts';
import { type Manifest, spaceIn } from './manifest.ts';
import { type DocumentPoint, type Filter, isDocument } from './points.ts';
import { waitingFor, withVector } from './rewrite.ts';
import { conditionsOf } from './selection.ts';

/** How many documents are sampled for names of fields, and how many names are listed. */
const fieldSample = 1_000;
const maxFields = 200;
/** Sources and types that are counted. */
const maxValues = 10_000;
/** How often it is counted again, since the manifest had changed meanwhile. */
const maxAttempts = 3;

type Selected = readonly [number, Awaited<ReturnType<Collection['first']>>, ReadonlyMap<string, number>];
const nothingSelected: Selected = [0, [], new Map()];
const none: IndexStatistics = { documents: 0, chunks: 0, embedded: 0 };

export function createStatistics(
  collection: Collection,
): Pick<Retriever, 'stats' | 'vectorsBySource' | 'selected'> {
  const { server, record } = collection;
  const { collection: name } = server;
  /** How many points have each value of a field. */
  async function valuesOf(
    key: string,
    filter: Filter | undefined,
    call: Call,
  ): Promise<ReadonlyMap<string, number>> {
    const { hits } = await server.read(call, (client) =>
      client.facet(name, { key, ...(filter && { filter }), limit: maxValues, exact: true }),
    );
    return new Map(hits.map(({ value, count }) => [String(value), count]));
  }

  async function counted(manifest: Manifest, call: Call): Promise<IndexStatistics> {
    const serving = spaceIn(manifest, 'serving');
    const [kinds, embedded, waiting] = await Promise.all([
      valuesOf('kind', undefined, call),
      serving ? collection.count(withVector(serving.vector), call) : 0,
      serving ? collection.count(waitingFor(serving), call) : undefined,
    ]);
    const [documents, chunks] = [kinds.get('document') ?? 0, kinds.get('passage') ?? 0];
    const unknown = waiting === undefined ? 0 : chunks - embedded - waiting;
    const { fingerprint, dimensions } = serving ?? { fingerprint: '', dimensions: 0 };
    return {
      ...{ documents, chunks, embedded },
      ...(unknown > 0 && { unknown }),
      ...(embedded > 0 && { space: { fingerprint, dimensions } }),
    };
  }

  return {
    async stats(call) {
      for (let attempt = 1; ; attempt++) {
        const found = await collection.whereThere(call, none, async (manifest) => {
          const [now, statistics] = await Promise.all([record.read(call), counted(manifest, call)]);
          // Otherwise another node has given the vectors another name.
          return now?.revision === manifest.revision || attempt === maxAttempts ? statistics : undefined;
        });
        if (found) return found;
      }
    },

    vectorsBySource: (call) =>
      collection.whereThere(call, new Map<string, number>(), async () => {
        const serving = spaceIn((await record.read(call)) ?? { spaces: [] }, 'serving');
        return serving ? valuesOf('source', withVector(serving.vector), call) : new Map();
      }),

    async selected(selection, call) {
      const conditions = await conditionsOf(collection, selection, call);
      const [documents, points, hits] = await collection.whereThere(call, nothingSelected, () =>
        Promise.all([
          collection.count({ must: [isDocument, ...conditions] }, call),
          collection.first({ filter: { must: [isDocument] }, payload: ['fields'], limit: fieldSample }, call),
          valuesOf('type', { must: [isDocument] }, call),
        ]),
      );
      const fields = new Set<string>();
      for (const { payload } of points) {
        for (const field of (payload as unknown as DocumentPoint).fields) {
          if (fields.size < maxFields) fields.add(field);
        }
      }
      return { documents, fields: [...fields], types: [...hits.keys()].sort() };
    },
  };
}
