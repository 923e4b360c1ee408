import type { AnyBulkWriteOperation } from 'mongodb';
import type { Call } from '../../../call.ts';
import { throwIfCallEnded } from '../../../call-end.ts';
import { HydrogenError } from '../../../errors.ts';
import type { DocumentRow, NewDocument } from '../../index/types.ts';
import { codeOf } from '../errors.ts';
import type { CatalogRow, TextPiece } from './collections.ts';
import { prepare, rowFields, rowOf } from './rows.ts';
import { inBatches, newName, type Use } from './session.ts';

/** Documents that are written or removed at a time. */
const batchSize = 500;
/** Characters of text in one request, more or less. */
const requestLength = 2_000_000;
/** A write that has not ended after this time, ms, was interrupted; half of it is the most that one may take. */
const abandonedAfterMs = 3_600_000;
/** MongoDB's error for a value that is there already. */
const duplicate = 11_000;

/** Versions of documents by their id. */
type Versions = ReadonlyMap<string, string>;

interface DocumentWrites {
  upsert(documents: readonly NewDocument[], call: Call): Promise<void>;
  /** @param format only documents that are recorded with it */
  remove(ids: readonly string[], call: Call, format?: string): Promise<DocumentRow[]>;
  /** Lets every node count documents anew. */
  noteChange(call: Call): Promise<void>;
}

/** Parts that fit into one request. */
function requests(parts: readonly TextPiece[]): TextPiece[][] {
  const all: TextPiece[][] = [];
  let length = requestLength;
  for (const part of parts) {
    if (length >= requestLength) {
      all.push([]);
      length = 0;
    }
    all.at(-1)?.push(part);
    length += part.text.length;
  }
  return all;
}

/**
 * Which of the writes found that the document is not as it was expected to be.
 * @throws the error, if it is about anything else
 */
function overtakenWrites(error: unknown): ReadonlySet<number> {
  const { writeErrors } = error as { writeErrors?: unknown };
  const all = [writeErrors ?? []].flat() as { code?: unknown; index?: unknown }[];
  if (all.length === 0 || all.some((one) => codeOf(one) !== duplicate)) throw error;
  return new Set(all.map(({ index }) => Number(index)));
}

/**
 * Documents and their texts. The parts of a text are written before the row that names them, and those of the text that
 * it replaces are removed behind it, each version by the one write that took its place. What is under way is noted, so
 * that the parts which an interrupted write leaves are found.
 */
export function createDocumentWrites(use: Use): DocumentWrites {
  let sweptAt = Number.NEGATIVE_INFINITY;

  const versionsOf = (ids: readonly string[], call: Call): Promise<Versions> =>
    use(call, async ({ documents, options }) => {
      const fields = { projection: { version: 1 } };
      const found = await documents.find({ _id: { $in: [...ids] } }, { ...options(), ...fields }).toArray();
      return new Map(found.map(({ _id, version }) => [_id, version]));
    });

  /** Notes a write, or more versions that it is about. */
  const begin = (name: string, ids: readonly string[], versions: readonly string[], call: Call) =>
    use(call, async ({ writes, facts, options }) => {
      const at = new Date((await facts()).now());
      await writes.updateOne(
        { _id: name },
        { $set: { at, documents: [...ids] }, $addToSet: { versions: { $each: [...versions] } } },
        { ...options(), upsert: true },
      );
    });

  const end = (name: string, call: Call) =>
    use(call, ({ writes, options }) => writes.deleteOne({ _id: name }, options()));

  const removeTexts = (versions: readonly string[], call: Call) =>
    use(call, ({ texts, options }) => texts.deleteMany({ version: { $in: [...versions] } }, options()));

  const writeTexts = (parts: readonly TextPiece[], call: Call) =>
    use(call, ({ texts, options }) =>
      texts.bulkWrite(
        parts.map(({ _id, ...part }) => ({
          replaceOne: { filter: { _id }, replacement: part, upsert: true },
        })),
        { ...options(), ordered: false },
      ),
    );

  /** Writes rows where the documents still have the versions that are given, or none; the ids of the others. */
  const writeRows = (
    rows: readonly CatalogRow[],
    before: Versions,
    call: Call,
  ): Promise<ReadonlySet<string>> =>
    use(call, async ({ documents, options }) => {
      const write = ({ _id, ...row }: CatalogRow): AnyBulkWriteOperation<CatalogRow> => {
        const version = before.get(_id);
        return version === undefined
          ? { insertOne: { document: { _id, ...row } } }
          : { replaceOne: { filter: { _id, version }, replacement: row, upsert: true } };
      };
      try {
        await documents.bulkWrite(rows.map(write), { ...options(), ordered: false });
        return new Set();
      } catch (error) {
        const overtaken = overtakenWrites(error);
        return new Set(rows.filter((_, i) => overtaken.has(i)).map(({ _id }) => _id));
      }
    });

  const noteChange = (call: Call): Promise<void> =>
    use(call, async ({ state, options }) => {
      await state.documents.updateOne(
        { _id: 'documents' },
        { $set: { revision: newName() } },
        { ...options(), upsert: true },
      );
    });

  /** Removes what interrupted writes have left; now and then, and not at the cost of the call that happens to do it. */
  async function sweep(call: Call): Promise<void> {
    if (Date.now() - sweptAt < abandonedAfterMs) return;
    sweptAt = Date.now();
    try {
      for (let isDone = false; !isDone; ) {
        const some = await use(call, async ({ writes, facts, options }) => {
          const before = new Date((await facts()).now() - abandonedAfterMs);
          return writes.find({ at: { $lt: before } }, { ...options(), limit: 10 }).toArray();
        });
        isDone = some.length === 0;
        for (const { _id, documents, versions } of some) {
          const current = new Set((await versionsOf(documents, call)).values());
          const left = versions.filter((version) => !current.has(version));
          await removeTexts(left, call);
          await end(_id, call);
        }
      }
    } catch (err) {
      call.log.debug({ err }, 'what interrupted writes have left is removed another time');
    }
  }

  /** Writes rows, again where others wrote the same documents meanwhile; returns the versions that they replaced. */
  async function replaceRows(
    rows: readonly CatalogRow[],
    first: Versions,
    note: (more: readonly string[]) => Promise<unknown>,
    call: Call,
  ): Promise<string[]> {
    const replaced: string[] = [];
    const begun = Date.now();
    let [left, before] = [rows, first];
    while (left.length > 0) {
      const overtaken = await writeRows(left, before, call);
      const done = left.filter(({ _id }) => !overtaken.has(_id));
      replaced.push(...done.flatMap(({ _id }) => before.get(_id) ?? []));
      if (overtaken.size === 0) break;
      throwIfCallEnded(call);
      if (Date.now() - begun > abandonedAfterMs / 2) throw overtakenForTooLong();
      const now = await versionsOf([...overtaken], call);
      await note([...now.values()]);
      // Its outcome was unknown when it was repeated: it had been written.
      const written = left.filter(({ _id, version }) => now.get(_id) === version);
      replaced.push(...written.flatMap(({ _id }) => before.get(_id) ?? []));
      left = left.filter(({ _id }) => overtaken.has(_id) && !written.some((row) => row._id === _id));
      before = now;
    }
    return replaced;
  }

  async function writeBatch(batch: readonly ReturnType<typeof prepare>[], call: Call): Promise<void> {
    const begun = Date.now();
    const rows = batch.map(({ row }) => row);
    const ids = rows.map(({ _id }) => _id);
    const before = await versionsOf(ids, call);
    const name = newName();
    const note = (versions: readonly string[]): Promise<unknown> => begin(name, ids, versions, call);
    await note([...rows.map(({ version }) => version), ...before.values()]);
    for (const parts of requests(batch.flatMap(({ parts }) => parts))) await writeTexts(parts, call);
    // As after a long sleep of the machine: others may take its texts for left over.
    if (Date.now() - begun > abandonedAfterMs / 2) throw overtakenForTooLong();
    const replaced = await replaceRows(rows, before, note, call);
    await removeTexts(replaced, call);
    await end(name, call);
  }

  /** Removes rows of which each is as it was read; those that still are. */
  async function removeRows(rows: readonly Pick<CatalogRow, '_id' | 'version' | 'format'>[], call: Call) {
    return use(call, async ({ documents, options }) => {
      const { deletedCount } = await documents.bulkWrite(
        rows.map(({ _id, version, format }) => ({ deleteOne: { filter: { _id, version, format } } })),
        { ...options(), ordered: false },
      );
      if (deletedCount === rows.length) return new Set<string>();
      const ids = rows.map(({ _id }) => _id);
      const fields = { projection: { _id: 1 } };
      const found = await documents.find({ _id: { $in: ids } }, { ...options(), ...fields }).toArray();
      return new Set(found.map(({ _id }) => _id));
    });
  }

  async function removeBatch(
    ids: readonly string[],
    call: Call,
    format: string | undefined,
  ): Promise<DocumentRow[]> {
    const rows = await use(call, ({ documents, options }) =>
      documents
        .find(
          { _id: { $in: [...ids] }, ...(format !== undefined && { format }) },
          { ...options(), projection: { ...rowFields, version: 1, format: 1 } },
        )
        .toArray(),
    );
    if (rows.length === 0) return [];
    const name = newName();
    const versions = rows.map(({ version }) => version);
    await begin(
      name,
      rows.map(({ _id }) => _id),
      versions,
      call,
    );
    const others = await removeRows(rows, call);
    const removed = rows.filter(({ _id }) => !others.has(_id));
    await removeTexts(
      removed.map(({ version }) => version),
      call,
    );
    await end(name, call);
    return removed.map(rowOf);
  }

  return {
    noteChange,
    async upsert(documents, call) {
      const all = [...new Map(documents.map((document) => [document.id, prepare(document)])).values()];
      for (const batch of inBatches(all, batchSize)) await writeBatch(batch, call);
      if (all.length > 0) await noteChange(call);
      await sweep(call);
    },
    async remove(ids, call, format) {
      const removed: DocumentRow[] = [];
      for (const batch of inBatches(ids, batchSize))
        removed.push(...(await removeBatch(batch, call, format)));
      if (removed.length > 0) await noteChange(call);
      await sweep(call);
      return removed;
    },
  };
}

const overtakenForTooLong = (): HydrogenError =>
  new HydrogenError(
    'unavailable',
    'Writing documents was interrupted for too long, so it was given up. Ingest them again.',
  );
