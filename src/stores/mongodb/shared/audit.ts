import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AuditAnchor,
  type AuditEntry,
  type AuditLog,
  type AuditPlace,
  madeAt,
} from '../../audit/audit-log.ts';
import type { MongoStore, StoreSession } from '../client.ts';
import { codeOf } from '../errors.ts';

/**
 * Records that were appended together: one document, so that they are there all or not at all. Its id is the number of
 * the first, and each begins where one ended: of two processes that go on from one place, the server lets one.
 */
interface BatchDocument {
  readonly _id: number;
  readonly entries: readonly Omit<AuditEntry, 'seq'>[];
  /** When the first record beside which a text lies was made, or before, ms since the epoch; absent where there is none. */
  readonly textsFrom?: number;
  /** Of the last entry. */
  readonly last: AuditPlace;
  /** Which append it was: one whose answer was lost is known again by it. */
  readonly append: string;
}

interface AnchorDocument extends AuditAnchor {
  readonly _id: 'anchor';
}

const [batchesName, stateName] = ['audit', 'audit_state'];
/** Reading many records takes longer than other uses of the server, ms. */
const readMs = 30_000;

const batches = ({ db }: StoreSession) => db.collection<BatchDocument>(batchesName);
const state = ({ db }: StoreSession) => db.collection<AnchorDocument>(stateName);

const entriesOf = ({ _id, entries }: BatchDocument): AuditEntry[] =>
  entries.map((entry, at) => ({ seq: _id + at, ...entry }));

/** The earliest record beside which a text lies. */
function textsFrom(entries: readonly Omit<AuditEntry, 'seq'>[]): Pick<BatchDocument, 'textsFrom'> {
  const times = entries.flatMap(({ text, argumentsText }) =>
    argumentsText === undefined ? [] : [madeAt(text)],
  );
  return times.length === 0 ? {} : { textsFrom: Math.min(...times) };
}

async function anchorIn(session: StoreSession): Promise<AuditAnchor | undefined> {
  const found = await state(session).findOne({ _id: 'anchor' }, session.options());
  if (!found) return undefined;
  const { _id, ...anchor } = found;
  return anchor;
}

/** The audit records on MongoDB: one chain for every node. */
export function createMongoAuditLog(store: Pick<MongoStore, 'area'>): AuditLog {
  const area = store.area({ [batchesName]: [{ key: { textsFrom: 1 } }] });
  const repeatable = { repeatable: true };
  const reading = { repeatable: true, timeoutMs: readMs };

  const isSame = (a: AuditPlace | undefined, b: AuditPlace | undefined): boolean =>
    a?.seq === b?.seq && a?.code === b?.code;

  /** Where the chain ends, as far as a majority knows. */
  async function endOf(session: StoreSession): Promise<AuditPlace | undefined> {
    const options = { ...session.options(), sort: { _id: -1 as const }, projection: { last: 1 } };
    const [found, anchor] = await Promise.all([batches(session).findOne({}, options), anchorIn(session)]);
    const last = found?.last;
    return last && last.seq > (anchor?.seq ?? 0) ? last : anchor;
  }

  /** Whether the batch of that number is ours: an append whose answer was lost is repeated. Undefined where there is none. */
  async function findOurs(
    session: StoreSession,
    { _id, append }: BatchDocument,
  ): Promise<boolean | undefined> {
    const options = { ...session.options(), projection: { append: 1 } };
    const found = await batches(session).findOne({ _id }, options);
    return found ? found.append === append : undefined;
  }

  async function isOurs(session: StoreSession, batch: BatchDocument): Promise<boolean> {
    for (;;) {
      const found = await findOurs(session, batch);
      if (found !== undefined) return found;
      // A majority may not have it yet.
      await delay(20, undefined, { signal: session.options().signal });
    }
  }

  /** Entries of the batches of a range, without those that were taken out with the rest of their batch left. */
  async function collect(
    session: StoreSession,
    ids: Readonly<Record<string, number>>,
    order: 1 | -1,
    limit: number,
    isWanted: (seq: number) => boolean,
  ): Promise<AuditEntry[]> {
    const { seq: taken = 0 } = (await anchorIn(session)) ?? {};
    const found: AuditEntry[] = [];
    const cursor = batches(session).find({ _id: ids }, { ...session.options(), sort: { _id: order } });
    for await (const batch of cursor) {
      const entries = entriesOf(batch).filter(({ seq }) => seq > taken && isWanted(seq));
      found.push(...(order === 1 ? entries : entries.reverse()));
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  /** The id of the batch that holds a record, or of the last one before it. */
  async function batchOf(session: StoreSession, seq: number): Promise<number> {
    const options = { ...session.options(), sort: { _id: -1 as const }, projection: { _id: 1 } };
    const found = await batches(session).findOne({ _id: { $lte: seq } }, options);
    return found?._id ?? seq;
  }

  /**
   * Has a batch say when the first text that is left was made. Whoever erases does so behind it: of two that did at once, the
   * one that wrote last may not have known of what the other took out.
   */
  async function settle(session: StoreSession, id: number): Promise<void> {
    for (;;) {
      const batch = await batches(session).findOne({ _id: id }, session.options());
      if (!batch) return;
      const { textsFrom: said } = batch;
      const { textsFrom: is } = textsFrom(batch.entries);
      if (said === is) return;
      const change = is === undefined ? { $unset: { textsFrom: '' as const } } : { $set: { textsFrom: is } };
      const as = said === undefined ? { $exists: false } : said;
      await batches(session).updateOne({ _id: id, textsFrom: as }, change, session.options());
    }
  }

  /** Erases texts of a batch, how many. Of two that do so at once each takes out its own. */
  async function eraseIn(
    session: StoreSession,
    id: number,
    isWanted: (seq: number) => boolean,
  ): Promise<number> {
    const batch = await batches(session).findOne({ _id: id }, session.options());
    if (!batch) return 0;
    const left = entriesOf(batch);
    const gone: string[] = [];
    for (const [at, entry] of left.entries()) {
      if (!isWanted(entry.seq) || entry.argumentsText === undefined) continue;
      gone.push(`entries.${at}.argumentsText`);
      const { argumentsText: _, ...bare } = entry;
      left[at] = bare;
    }
    if (gone.length === 0) return 0;
    const from = textsFrom(left);
    const unset = from.textsFrom === undefined ? [...gone, 'textsFrom'] : gone;
    await batches(session).updateOne(
      { _id: id },
      {
        $unset: Object.fromEntries(unset.map((path) => [path, ''])),
        ...(from.textsFrom !== undefined && { $set: from }),
      },
      session.options(),
    );
    await settle(session, id);
    return gone.length;
  }

  /** Of two that move records out at once, one has moved more. */
  async function keepAnchor(session: StoreSession, anchor: AuditAnchor): Promise<void> {
    const before = { _id: 'anchor' as const, seq: { $lt: anchor.seq } };
    try {
      await state(session).updateOne(before, { $set: anchor }, { ...session.options(), upsert: true });
    } catch (error) {
      // There is one further on.
      if (codeOf(error) !== 11000) throw error;
    }
  }

  return {
    end: (call) =>
      area.run(
        call,
        async (session) => {
          const [anchor, last] = await Promise.all([
            anchorIn(session),
            batches(session).findOne({}, { ...session.options(), sort: { _id: -1 } }),
          ]);
          const entry = last ? entriesOf(last).at(-1) : undefined;
          return {
            ...(entry && entry.seq > (anchor?.seq ?? 0) && { entry }),
            ...(anchor && { anchor }),
          };
        },
        repeatable,
      ),
    async append(after, entries, call) {
      const last = entries.at(-1);
      if (!last) return true;
      const batch: BatchDocument = {
        _id: (after?.seq ?? 0) + 1,
        entries: entries.map(({ seq: _, ...entry }) => entry),
        ...textsFrom(entries),
        last: { seq: last.seq, code: last.code },
        append: randomUUID(),
      };
      return area.run(
        call,
        async (session) => {
          if (!isSame(await endOf(session), after)) return (await findOurs(session, batch)) ?? false;
          try {
            await batches(session).insertOne(batch, session.options());
            return true;
          } catch (error) {
            if (codeOf(error) !== 11000) throw error;
          }
          return isOurs(session, batch);
        },
        repeatable,
      );
    },
    read: (from, limit, call) =>
      area.run(
        call,
        async (session) =>
          collect(session, { $gte: await batchOf(session, from) }, 1, limit, (seq) => seq >= from),
        reading,
      ),
    readBack: (before, limit, call) =>
      area.run(
        call,
        (session) => collect(session, { $lt: before }, -1, limit, (seq) => seq < before),
        reading,
      ),
    removeThrough: (anchor, call) =>
      area.run(
        call,
        async (session) => {
          // First the anchor: from then on nobody sees what is removed behind it, also where that is interrupted.
          await keepAnchor(session, anchor);
          // The batch that holds the first record which stays is left whole.
          const kept = await batchOf(session, anchor.seq + 1);
          await batches(session).deleteMany({ _id: { $lt: kept, $lte: anchor.seq } }, session.options());
          // What was taken out is not left beside what stays.
          await eraseIn(session, kept, (seq) => seq <= anchor.seq);
        },
        reading,
      ),
    oldTexts: (before, limit, call) =>
      area.run(
        call,
        async (session) => {
          const options = { ...session.options(), sort: { textsFrom: 1 as const } };
          const found: number[] = [];
          for await (const batch of batches(session).find({ textsFrom: { $lt: before } }, options)) {
            const old = entriesOf(batch).filter(
              ({ text, argumentsText }) => argumentsText !== undefined && madeAt(text) < before,
            );
            // Whoever erased the last of them may have been killed before it said so.
            if (old.length === 0) await settle(session, batch._id);
            found.push(...old.map(({ seq }) => seq));
            if (found.length >= limit) break;
          }
          return found.slice(0, limit);
        },
        reading,
      ),
    // A text lies in the document of its record.
    looseTexts: async () => [],
    eraseTexts: (numbers, call) =>
      area.run(
        call,
        async (session) => {
          const wanted = new Set(numbers);
          let erased = 0;
          for (const seq of [...wanted].sort((a, b) => a - b)) {
            // One of the same batch has taken it along.
            if (!wanted.has(seq)) continue;
            erased += await eraseIn(session, await batchOf(session, seq), (one) => wanted.delete(one));
            wanted.delete(seq);
          }
          return erased;
        },
        { timeoutMs: readMs },
      ),
  };
}
