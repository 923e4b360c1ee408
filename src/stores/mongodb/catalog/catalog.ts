import type { DocumentCatalog } from '../../index/types.ts';
import { createCounts } from './counts.ts';
import { createDocumentReads } from './read.ts';
import { createRegistry } from './registry.ts';
import { inBatches, newName, type Use } from './session.ts';
import { createSources } from './sources.ts';
import { createDocumentWrites } from './write.ts';

/** Documents of which something is noted at a time. */
const atATime = 1_000;

/**
 * A catalog that several nodes share. Every method is about single documents of MongoDB, each written atomically, so
 * that it needs no transactions and holds on a single server as on a replica set or a cluster.
 */
export function createMongoCatalog(use: Use): DocumentCatalog {
  const registry = createRegistry(use);
  const writes = createDocumentWrites(use);
  const counts = createCounts(use);
  const { assertKnown, ...sources } = createSources(use, registry, writes, counts);
  function mark(...[ids, { to, from }, call]: Parameters<DocumentCatalog['mark']>) {
    // By it is seen which have been changed here, and not by another.
    const marked = newName();
    return use(call, async ({ documents, options }) => {
      const filter = { _id: { $in: [...ids] }, ...(from !== undefined && { format: from }) };
      const change = { $set: { format: to, marked } };
      const { modifiedCount } = await documents.updateMany(filter, change, options());
      if (modifiedCount === ids.length) return ids;
      const mine = { _id: { $in: [...ids] }, marked };
      const found = await documents.find(mine, { ...options(), projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => _id);
    });
  }

  return {
    ...createDocumentReads(use),
    ...sources,
    formats: counts.formats,
    async upsert(documents, call) {
      await assertKnown(new Set(documents.flatMap(({ origin }) => origin?.source ?? [])), call);
      await writes.upsert(documents, call);
    },
    remove: (ids, call) => writes.remove(ids, call),
    removeMarked: (ids, format, call) => writes.remove(ids, call, format),
    async forget(id, call) {
      await sources.untrack(id, call);
      return (await writes.remove([id], call))[0];
    },
    async touch(files, call) {
      for (const some of inBatches(files, atATime)) {
        await use(call, ({ documents, options }) =>
          documents.bulkWrite(
            some.map(({ id: _id, modified, size }) => ({
              updateOne: { filter: { _id }, update: { $set: { modified, size } } },
            })),
            { ...options(), ordered: false },
          ),
        );
      }
    },
    async mark(ids, format, call) {
      const changed: string[] = [];
      for (const some of inBatches([...new Set(ids)], atATime))
        changed.push(...(await mark(some, format, call)));
      if (changed.length > 0) await writes.noteChange(call);
      return changed;
    },
    async formatsOf(ids, call) {
      const formats = new Map<string, string>();
      for (const some of inBatches(ids, atATime)) {
        const rows = await use(call, ({ documents, options }) =>
          documents.find({ _id: { $in: some } }, { ...options(), projection: { format: 1 } }).toArray(),
        );
        for (const { _id, format } of rows) formats.set(_id, format);
      }
      return formats;
    },
    marked: (format, call) =>
      use(call, async ({ documents, options }) => {
        const rows = await documents.find({ format }, { ...options(), projection: { _id: 1 } }).toArray();
        return rows.map(({ _id }) => _id);
      }),
    // Nothing that this store would complete; whose passages are in another one, `formats` tell, which are then to be
    // those of now.
    async unfinished() {
      counts.forget();
      return [];
    },
  };
}
