import type { Call } from '../../call.ts';
import type { IndexStatistics, Retriever } from '../index/types.ts';
import type { Collection } from './collection.ts';
import { type Manifest, spaceIn } from './manifest.ts';
import { type DocumentPoint, isDocument } from './points.ts';
import { withVector } from './rewrite.ts';
import { conditionsOf } from './selection.ts';

/** How many documents are sampled for names of fields, and how many names are listed. */
const fieldSample = 1_000;
const maxFields = 200;
/** Sources and types that are counted. */
const maxValues = 10_000;
/** More than there are kinds of points. */
const kinds = 10;
/** How often it is counted again, since the manifest had changed meanwhile. */
const maxAttempts = 3;

export function createStatistics(
  collection: Collection,
): Pick<Retriever, 'stats' | 'vectorsBySource' | 'selected'> {
  const { server, record } = collection;
  const { collection: name } = server;
  async function counted(manifest: Manifest, call: Call): Promise<IndexStatistics> {
    const serving = spaceIn(manifest, 'serving');
    const [{ hits }, embedded] = await Promise.all([
      server.read(call, (client) => client.facet(name, { key: 'kind', limit: kinds, exact: true })),
      serving ? collection.count(withVector(serving.vector), call) : 0,
    ]);
    const countOf = (kind: string): number => hits.find(({ value }) => value === kind)?.count ?? 0;
    const [documents, chunks] = [countOf('document'), countOf('passage')];
    const { fingerprint, dimensions } = serving ?? { fingerprint: '', dimensions: 0 };
    return {
      ...{ documents, chunks, embedded },
      ...(embedded > 0 && { space: { fingerprint, dimensions } }),
    };
  }

  return {
    async stats(call) {
      let manifest = await record.known(call);
      for (let attempt = 1; manifest; attempt++) {
        const [now, found] = await Promise.all([record.read(call), counted(manifest, call)]);
        // Otherwise another node has given the vectors another name.
        if (now?.revision === manifest.revision || attempt === maxAttempts) return found;
        manifest = now;
      }
      return { documents: 0, chunks: 0, embedded: 0 };
    },

    async vectorsBySource(call) {
      const manifest = await record.read(call);
      const serving = manifest && spaceIn(manifest, 'serving');
      if (!serving) return new Map();
      const filter = withVector(serving.vector);
      const { hits } = await server.read(call, (client) =>
        client.facet(name, { key: 'source', filter, limit: maxValues, exact: true }),
      );
      return new Map(hits.map(({ value, count }) => [String(value), count]));
    },

    async selected(selection, call) {
      const conditions = await conditionsOf(server, selection, call);
      if (!(await record.known(call))) return { documents: 0, fields: [], types: [] };
      const [documents, points, { hits }] = await Promise.all([
        collection.count({ must: [isDocument, ...conditions] }, call),
        collection.first({ filter: { must: [isDocument] }, payload: ['fields'], limit: fieldSample }, call),
        server.read(call, (client) =>
          client.facet(name, { key: 'type', filter: { must: [isDocument] }, limit: maxValues, exact: true }),
        ),
      ]);
      const fields = new Set<string>();
      for (const { payload } of points) {
        for (const field of (payload as unknown as DocumentPoint).fields) {
          if (fields.size < maxFields) fields.add(field);
        }
      }
      return { documents, fields: [...fields], types: hits.map(({ value }) => String(value)).sort() };
    },
  };
}
