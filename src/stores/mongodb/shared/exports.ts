import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Binary } from 'mongodb';
import { type Call, type Caller, systemCall, within } from '../../../call.ts';
import { HydrogenError } from '../../../errors.ts';
import type { Logger } from '../../../observability/log.ts';
import {
  beyondRoom,
  type ChosenExports,
  type Exports,
  endingOfId,
  heldOf,
  isChosen,
  isOwnExport,
  mimeTypes,
  newExportId,
} from '../../documents/export/exports.ts';
import { timeInWords, usualLifetimeMs } from '../../documents/export/lifetime.ts';
import { writeWhole } from '../../documents/export/whole-file.ts';
import type { MongoStore, StoreSession } from '../client.ts';

// Parts in a collection of their own rather than GridFS: that keeps a file's size in its last write as well, but makes
// its indexes by itself, with two more round trips, and nothing else would read these files by its interface.

/** A whole export; it is written last. */
interface ExportDocument {
  readonly _id: string;
  readonly bytes: number;
  readonly parts: number;
  /** When it was complete, ms since the epoch. */
  readonly at: number;
}

interface PartDocument {
  readonly _id: string;
  readonly data: Buffer;
  readonly at: number;
}

const [exportsName, partsName] = ['exports', 'export_parts'];
/** Parts that are so much older than any export belong to none: it is gone, or was never completed, ms. */
const leftoverMs = 24 * 60 * 60 * 1_000;
/** Total bytes of all exports; beyond this the oldest are removed. */
const maxExportBytes = 2 ** 30;
const partBytes = 1024 * 1024;
/** How long one use of the server may take, ms. */
const limitMs = 30_000;
const elsewhere =
  'Copies of exports are in the data directory: check it (hydrogen doctor shows which it is).';

const exportsOf = ({ db }: StoreSession) => db.collection<ExportDocument>(exportsName);
const partsOf = ({ db }: StoreSession) => db.collection<PartDocument>(partsName);
const partId = (id: string, part: number): string => `${id}/${String(part).padStart(6, '0')}`;
/** The parts of an export: no id holds a character behind "/". */
const rangeOf = (id: string) => ({ _id: { $gte: `${id}/`, $lt: `${id}0` } });

/** The export that was just written, and by whom. */
interface Newest {
  readonly id: string;
  readonly caller: Caller;
}

interface ExportsOptions {
  /** Where this machine keeps a copy of those that are opened as a file here. */
  readonly copies: Pick<Exports, 'pathOf' | 'removeExpired' | 'erase'>;
  readonly log: Logger;
  /** Total bytes for all exports; the newest stays whatever its size. */
  readonly maxTotalBytes?: number;
  /** How long an export can be fetched, ms. */
  readonly lifetimeMs?: number;
}

/** Exports on MongoDB, fetched from any node. */
export function createMongoExports(
  store: MongoStore,
  { copies, log, maxTotalBytes = maxExportBytes, lifetimeMs = usualLifetimeMs }: ExportsOptions,
): Exports {
  const area = store.area({ [exportsName]: [{ key: { at: 1 } }], [partsName]: [{ key: { at: 1 } }] });
  const run = <T>(call: Call, work: (session: StoreSession) => Promise<T>): Promise<T> =>
    area.run(within(call, limitMs), work, { repeatable: true, timeoutMs: limitMs });
  /** For what no client waits for. */
  const ownCall = (): Call => systemCall(log, { limitMs });

  const notThere = (id: string): HydrogenError =>
    new HydrogenError(
      'not_found',
      `There is no export "${id}": only recent exports are kept, for ${timeInWords(lifetimeMs)}. Call the tool export again.`,
    );

  /** An insert that may be repeated. */
  const put = (id: string, part: number, data: Buffer, call: Call): Promise<unknown> =>
    run(call, (session) =>
      partsOf(session).replaceOne(
        { _id: partId(id, part) },
        { data, at: Date.now() },
        { ...session.options(), upsert: true },
      ),
    );

  async function remove(session: StoreSession, id: string): Promise<void> {
    await exportsOf(session).deleteOne({ _id: id }, session.options());
    await partsOf(session).deleteMany(rangeOf(id), session.options());
  }

  const isOld = ({ at }: { readonly at: number }): boolean => Date.now() - at > lifetimeMs;

  /** Those that are whole. */
  async function all(session: StoreSession) {
    const found = await exportsOf(session).find({}, session.options()).toArray();
    return found.map(({ _id: id, bytes, at }) => ({ id, bytes, at }));
  }

  async function removeOld(session: StoreSession, newest?: Newest): Promise<void> {
    const found = await all(session);
    const left = found.filter((one) => !isOld(one));
    const gone = [...found.filter(isOld).map(({ id }) => id), ...beyondRoom(left, maxTotalBytes, newest)];
    for (const id of gone) await remove(session, id);
    await partsOf(session).deleteMany(
      { at: { $lt: Date.now() - lifetimeMs - leftoverMs } },
      session.options(),
    );
  }

  async function find(id: string, call: Call): Promise<{ text: string; mimeType: string } | undefined> {
    const ending = endingOfId(id);
    if (ending === undefined) return undefined;
    const bytes = await run(call, async (session) => {
      const found = await exportsOf(session).findOne({ _id: id }, session.options());
      if (!found || isOld(found)) return undefined;
      const cursor = partsOf(session).find(rangeOf(id), { ...session.options(), sort: { _id: 1 } });
      const pieces: Buffer[] = [];
      for await (const { data } of cursor) pieces.push(Buffer.from((data as unknown as Binary).buffer));
      // It is being removed at this moment.
      return pieces.length === found.parts ? Buffer.concat(pieces) : undefined;
    });
    return bytes && { text: bytes.toString(), mimeType: mimeTypes[ending] };
  }

  async function existing(id: string, call: Call): Promise<{ text: string; mimeType: string }> {
    const found = await find(id, call);
    if (found) return found;
    throw notThere(id);
  }

  async function complete(id: string, bytes: number, parts: number, call: Call): Promise<void> {
    await run(call, (session) =>
      exportsOf(session).replaceOne(
        { _id: id },
        { bytes, parts, at: Date.now() },
        { ...session.options(), upsert: true },
      ),
    );
    void clean({ id, caller: call.caller });
  }

  /** Its failure does not matter: the next one removes what is left. */
  const clean = (newest?: Newest): Promise<void> =>
    run(ownCall(), (session) => removeOld(session, newest)).catch((err: unknown) =>
      log.debug({ err }, 'old exports were not removed'),
    );

  async function chosenOf(session: StoreSession, chosen: ChosenExports): Promise<string[]> {
    return (await all(session)).filter((one) => isChosen(chosen, one)).map(({ id }) => id);
  }

  return {
    count: async (chosen, call) => (await run(call, (session) => chosenOf(session, chosen))).length,
    async erase(chosen, call) {
      await copies.erase(chosen, call);
      const ids = await run(call, (session) => chosenOf(session, chosen));
      for (const id of ids) await run(call, (session) => remove(session, id));
      return ids.length;
    },
    async removeExpired() {
      await copies.removeExpired();
      await clean();
    },
    async write(ending, produce, call) {
      const id = newExportId(ending, call);
      let [bytes, parts, waiting] = [0, 0, ''];
      const flush = async (): Promise<void> => {
        const data = Buffer.from(waiting);
        waiting = '';
        for (let from = 0; from < data.length; from += partBytes) {
          await put(id, parts++, data.subarray(from, from + partBytes), call);
        }
        bytes += data.length;
      };
      try {
        const result = await produce(async (text) => {
          waiting += text;
          if (waiting.length >= partBytes) await flush();
        });
        await flush();
        await complete(id, bytes, parts, call);
        return { id, result };
      } catch (error) {
        // What is left is removed with what is old, in any case.
        if (parts > 0) void run(ownCall(), (session) => remove(session, id)).catch(() => {});
        throw error;
      }
    },
    async held(call) {
      const kept = await run(call, all);
      return heldOf(
        kept.filter((one) => !isOld(one)),
        call,
        lifetimeMs,
      );
    },
    async has(id, call) {
      if (!isOwnExport(id, call)) return false;
      return run(call, async (session) => {
        const found = await exportsOf(session).findOne({ _id: id }, session.options());
        return found !== null && !isOld(found);
      });
    },
    async read(id, call) {
      if (!isOwnExport(id, call)) throw notThere(id);
      return existing(id, call);
    },
    async pathOf(id) {
      const path = await copies.pathOf(id);
      if (endingOfId(id) === undefined || (await stat(path).catch(() => undefined))) return path;
      const { text } = await existing(id, ownCall());
      await mkdir(dirname(path), { mode: 0o700 }).catch(() => {});
      await writeWhole(path, 'The copy of the export', { replace: true, elsewhere }, (sink) => sink(text));
      return path;
    },
  };
}
