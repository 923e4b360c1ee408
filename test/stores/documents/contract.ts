// What every implementation of DocumentStore does, in the words of their callers. Run by contract.test.ts against the
// embedded store and two servers that speak MongoDB's protocol.
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/call.ts';
import { HydrogenError } from '../../../src/errors.ts';
import type { Document } from '../../../src/mql/index.ts';
import { stringifyExtendedJson } from '../../../src/mql/index.ts';
import type {
  ChangeRequest,
  DocumentStore,
  FindQuery,
  Namespace,
} from '../../../src/stores/documents/document-store.ts';
import { testCall } from '../../support/call.ts';

export interface Subject {
  readonly name: string;
  /** A reason to skip everything, '' for none. */
  readonly skip: string;
  store(): DocumentStore;
  /** What this server does wrong by itself, by the title of the test, with the reason: those tests must fail. */
  readonly knownWrong: Readonly<Record<string, string>>;
}

const bounds = { limit: 100, maxBytes: 100_000 };
const limits = { maxDocuments: 100 };
const plants = [
  { _id: 1, type: 'PEM', year: 2020, cells: 100 },
  { _id: 2, type: 'alkaline', year: 2021, cells: 200 },
  { _id: 3, type: 'alkaline', year: 2023 },
  { _id: 4, type: 'SOEC', year: 2023, cells: null },
];
/** One of every place in MongoDB's order, with ties, arrays, null and missing. */
const mixed: readonly Document[] = [
  { _id: 1, v: 5 },
  { _id: 2, v: 'b' },
  { _id: 3 },
  { _id: 4, v: null },
  { _id: 5, v: [] },
  { _id: 6, v: [1, 9] },
  { _id: 7, v: 5.5 },
  { _id: 8, v: 'a' },
  { _id: 9, v: new Date(0) },
  { _id: 10, v: true },
  { _id: 11, v: { a: 1 } },
  { _id: 12, v: Long.fromNumber(5) },
  { _id: 13, v: false },
  { _id: 14, v: new ObjectId('65f0a0a0a0a0a0a0a0a0a0a0') },
  { _id: 15, v: 'b' },
  { _id: 16, v: [7, 'x'] },
  { _id: 17 },
  { _id: 18, v: { a: 2 } },
];

let databases = 0;

/** An error as a caller sees it. */
async function failure(work: Promise<unknown>): Promise<HydrogenError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error, 'it did not fail').toBeInstanceOf(HydrogenError);
  return error as HydrogenError;
}

const lines = (documents: readonly unknown[]): string[] =>
  documents.map((document) => stringifyExtendedJson(document, { relaxed: false }));
const idsOf = (documents: readonly Document[]): unknown[] => documents.map((document) => document['_id']);

/** Registers the suite for one subject. */
export function contract({ name, skip, store, knownWrong }: Subject): void {
  const titles = new Set<string>();
  const it = (title: string, work: (at: Namespace, call: Call) => Promise<void>): void => {
    titles.add(title);
    const reason = knownWrong[title];
    const run = (): Promise<void> =>
      work({ database: `contract${++databases}`, collection: 'plants' }, testCall());
    if (reason === undefined) test(title, run);
    else test.fails(`${title} (${name} itself is wrong: ${reason})`, run);
  };

  async function holding(at: Namespace, documents: readonly Document[]): Promise<DocumentStore> {
    await store().insert(at, documents, testCall());
    return store();
  }

  /** All pages, one after the other, with what happens between them. */
  async function pages(
    query: FindQuery,
    between: (page: number) => Promise<void> = async () => {},
  ): Promise<Document[]> {
    const all: Document[] = [];
    let after: string | undefined;
    for (let page = 1; page < 50; page++) {
      const found = await store().find({ ...query, ...(after !== undefined && { after }) }, testCall());
      all.push(...found.documents);
      after = found.next;
      expect(found.next === undefined, 'a page that is cut can be continued').toBe(!found.cappedBy);
      if (after === undefined) return all;
      await between(page);
    }
    throw new Error('the pages did not end');
  }

  const suite = skip === '' ? describe : describe.skip;
  suite(`${name}${skip}`, () => {
    describe('reading', () => {
      it('find filters, projects, sorts, skips and limits', async (at, call) => {
        const found = await (await holding(at, plants)).find(
          {
            ...at,
            ...bounds,
            filter: { year: { $gte: 2021 } },
            projection: { type: 1, _id: 0 },
            sort: { year: -1, _id: -1 },
            skip: 1,
            limit: 1,
          },
          call,
        );
        expect(found.documents).toEqual([{ type: 'alkaline' }]);
        expect(found.cappedBy).toBe('limit');
      });

      it('a page that holds everything says that nothing follows', async (at, call) => {
        const found = await (await holding(at, plants)).find(
          { ...at, ...bounds, filter: {}, skip: 0, limit: 4 },
          call,
        );
        expect(found.documents).toHaveLength(4);
        expect(found).not.toHaveProperty('cappedBy');
        expect(found).not.toHaveProperty('next');
      });

      it('an answer holds no more bytes than it may, and says so', async (at, call) => {
        const big = Array.from({ length: 10 }, (_, i) => ({ _id: i, text: 'x'.repeat(1_000) }));
        const found = await (await holding(at, big)).find(
          { ...at, filter: {}, skip: 0, limit: 10, maxBytes: 3_500 },
          call,
        );
        expect(found.documents).toHaveLength(3);
        expect(found.cappedBy).toBe('bytes');
      });

      it('a document that is larger than an answer is refused with its _id', async (at, call) => {
        const held = await holding(at, [{ _id: 'whale', text: 'x'.repeat(5_000) }]);
        const query = { ...at, filter: {}, skip: 0, limit: 10, maxBytes: 1_000 };
        const error = await failure(held.find(query, call));
        expect(error).toMatchObject({
          code: 'too_large',
          message: expect.stringMatching(/whale.*projection/),
        });
      });

      it('count counts, with a filter and without', async (at, call) => {
        const held = await holding(at, plants);
        expect(await held.count({ ...at, filter: {} }, call)).toBe(4);
        expect(await held.count({ ...at, filter: { type: 'alkaline' } }, call)).toBe(2);
      });

      it('distinct gives each value once, of arrays their elements', async (at, call) => {
        const held = await holding(at, [{ v: [1, 2] }, { v: 2 }, { v: 'x' }, {}, { v: 'x' }]);
        const { values } = await held.distinct({ ...at, ...bounds, key: 'v', filter: {} }, call);
        expect(new Set(values)).toEqual(new Set([1, 2, 'x']));
        const capped = await held.distinct({ ...at, ...bounds, limit: 2, key: 'v', filter: {} }, call);
        expect(capped).toMatchObject({ cappedBy: 'limit', values: { length: 2 } });
      });

      it('aggregate groups, and says when its answer is cut', async (at, call) => {
        const held = await holding(at, plants);
        const pipeline = [{ $group: { _id: '$type', n: { $sum: 1 } } }, { $sort: { _id: 1 } }];
        const whole = await held.aggregate({ ...at, ...bounds, pipeline }, call);
        expect(whole).toEqual({
          documents: [
            { _id: 'PEM', n: 1 },
            { _id: 'SOEC', n: 1 },
            { _id: 'alkaline', n: 2 },
          ],
        });
        const cut = await held.aggregate({ ...at, ...bounds, limit: 2, pipeline }, call);
        expect(cut).toMatchObject({ cappedBy: 'limit', documents: { length: 2 } });
      });

      it('aggregate joins collections', async (at, call) => {
        const held = await holding(at, plants);
        await held.insert({ ...at, collection: 'makers' }, [{ _id: 'm', makes: 'PEM' }], call);
        const pipeline = [
          { $match: { type: 'PEM' } },
          { $lookup: { from: 'makers', localField: 'type', foreignField: 'makes', as: 'makers' } },
          { $unwind: '$makers' },
        ];
        const { documents } = await held.aggregate({ ...at, ...bounds, pipeline }, call);
        expect(documents).toMatchObject([{ _id: 1, makers: { _id: 'm' } }]);
      });

      it('the usual types come back as they were stored', async (at, call) => {
        const document = {
          _id: new ObjectId('65f0a0a0a0a0a0a0a0a0a0a0'),
          int: 1,
          double: 1.5,
          wholeDouble: new Double(2),
          long: Long.fromString('9007199254740993'),
          date: new Date('2024-03-12T10:00:00.123Z'),
          binary: new Binary(Buffer.from('abc'), 0),
          time: new Timestamp({ t: 1, i: 2 }),
          nothing: null,
          nested: { z: [1, 'two', { three: 3 }], a: {} },
          text: 'Grüße 🎈',
        };
        const held = await holding(at, [document]);
        const { documents } = await held.find({ ...at, ...bounds, filter: {}, skip: 0 }, call);
        expect(lines(documents)).toEqual(lines([document]));
      });

      it('the rare types come back as they were stored', async (at, call) => {
        const document = {
          _id: 1,
          decimal: Decimal128.fromString('1.10'),
          nan: Number.NaN,
          infinity: new Double(Number.POSITIVE_INFINITY),
          pattern: new BSONRegExp('a+', 'i'),
          code: new Code('return 1'),
          min: new MinKey(),
          max: new MaxKey(),
          arrays: [[1, 2], [3]],
        };
        const held = await holding(at, [document]);
        const { documents } = await held.find({ ...at, ...bounds, filter: {}, skip: 0 }, call);
        expect(lines(documents)).toEqual(lines([document]));
      });

      it('describe tells size, fields, types, presence and indexes', async (at, call) => {
        const described = await (await holding(at, plants)).describe(at, call);
        expect(described).toMatchObject({ name: 'plants', documents: 4, sampled: 4, fieldsLeftOut: 0 });
        expect(described.bytes).toBeGreaterThan(100);
        expect(described.indexes).toMatchObject([{ name: '_id_' }]);
        expect(described.fields.find(({ path }) => path === 'cells')).toMatchObject({
          types: { int: 2, null: 1 },
          present: 3,
          of: 4,
          range: { min: 100, max: 200, exact: true },
        });
      });

      it('describe tells the range of an indexed field exactly, and of another that of its sample', async (at, call) => {
        const documents = Array.from({ length: 1_500 }, (_, n) => ({
          _id: n,
          indexed: n === 3 ? -1_000.5 : n,
          other: n,
          at: new Date(n),
        }));
        const held = await holding(at, documents);
        await held.createIndex({ ...at, key: { indexed: 1 }, unique: false }, call);
        await held.createIndex({ ...at, key: { at: -1, other: 1 }, unique: false }, call);
        const { fields, sampled } = await held.describe(at, call);
        const range = (name: string) => fields.find(({ path }) => path === name)?.range;
        expect(sampled).toBeLessThan(1_500);
        expect(range('_id')).toEqual({ min: 0, max: 1_499, exact: true });
        expect(range('indexed')).toEqual({ min: -1_000.5, max: 1_499, exact: true });
        expect(range('at')).toEqual({ min: new Date(0), max: new Date(1_499), exact: true });
        expect(range('other')).toMatchObject({ exact: false });
      });

      it('collections and databases are listed with their sizes', async (at, call) => {
        const held = await holding(at, plants);
        await held.insert({ ...at, collection: 'makers' }, [{ a: 1 }], call);
        expect(await held.collections(at.database, call)).toMatchObject([
          { name: 'makers', documents: 1 },
          { name: 'plants', documents: 4 },
        ]);
        expect((await held.databases(call)).find(({ name }) => name === at.database)).toMatchObject({
          collections: 2,
        });
      });
    });

    describe('pages put together are the whole, without repeats or gaps', () => {
      it('in no given order', async (at) => {
        await holding(at, mixed);
        const all = await pages({ ...at, ...bounds, filter: {}, skip: 0, limit: 5 });
        expect(new Set(idsOf(all)).size).toBe(mixed.length);
        expect(all).toHaveLength(mixed.length);
      });

      for (const [order, direction] of [
        ['ascending', 1],
        ['descending', -1],
      ] as const) {
        it(`sorted by values of mixed types, ${order}`, async (at, call) => {
          await holding(at, mixed);
          const query = { ...at, ...bounds, filter: {}, sort: { v: direction }, skip: 0 };
          const whole = idsOf((await store().find(query, call)).documents);
          for (const limit of [1, 4]) expect(idsOf(await pages({ ...query, limit }))).toEqual(whole);
        });
      }

      it('sorted by a nested field in lists of documents', async (at, call) => {
        const lists = [
          { _id: 1, a: [{ b: 3 }, { b: 7 }] },
          { _id: 2, a: [] },
          { _id: 3, a: [{ b: 5 }, {}] },
          { _id: 4, a: { b: 4 } },
          { _id: 5, a: [1, 2] },
          { _id: 6 },
          { _id: 7, a: [{ b: 'x' }, { b: 2 }] },
          { _id: 8, a: { b: null } },
        ];
        await holding(at, lists);
        for (const sort of [{ 'a.b': 1 }, { 'a.b': -1 }]) {
          const query = { ...at, ...bounds, filter: {}, sort, skip: 0 };
          const whole = idsOf((await store().find(query, call)).documents);
          expect(idsOf(await pages({ ...query, limit: 2 }))).toEqual(whole);
        }
      });

      it('sorted by several fields, with a projection that leaves them out, after a skip', async (at, call) => {
        const many = Array.from({ length: 30 }, (_, i) => ({ _id: i, g: i % 3, h: i % 5, x: i, y: 'y' }));
        await holding(at, many);
        for (const projection of [
          { x: 1, _id: 0 },
          { g: 0, _id: 0, y: 0 },
        ]) {
          const query = { ...at, ...bounds, filter: { x: { $lt: 25 } }, sort: { g: 1, h: -1 }, projection };
          const whole = (await store().find({ ...query, skip: 3 }, call)).documents;
          expect(await pages({ ...query, skip: 3, limit: 4 })).toEqual(whole);
        }
      });

      it('while others write: what stays is seen once', async (at) => {
        const stays = Array.from({ length: 20 }, (_, i) => ({ _id: i * 2, v: i % 4 }));
        await holding(at, stays);
        const all = await pages(
          { ...at, ...bounds, filter: {}, sort: { v: -1 }, skip: 0, limit: 6 },
          async (page) => {
            await store().insert(at, [{ _id: page * 2 + 101, v: page }], testCall());
          },
        );
        const seen = idsOf(all).filter((id) => Number(id) % 2 === 0);
        expect(seen).toHaveLength(20);
        expect(new Set(seen).size).toBe(20);
      });

      it('a position of another query is refused', async (at, call) => {
        await holding(at, plants);
        const query = { ...at, ...bounds, filter: {}, skip: 0, limit: 1 };
        const { next } = await store().find({ ...query, sort: { year: 1 } }, call);
        const other = { ...query, sort: { a: 1, b: 1, c: 1 } };
        for (const after of [`${next}`, `${next}broken`]) {
          expect(await failure(store().find({ ...other, after }, call))).toBeInstanceOf(HydrogenError);
        }
      });
    });

    describe('what is wrong is said', () => {
      it('an unknown collection is never empty: it is not found, and near names are offered', async (at, call) => {
        const held = await holding(at, plants);
        const near = { ...at, collection: 'plant' };
        const reads = [
          () => held.find({ ...near, ...bounds, filter: {}, skip: 0 }, call),
          () => held.count({ ...near, filter: {} }, call),
          () => held.distinct({ ...near, ...bounds, key: 'a', filter: {} }, call),
          () => held.aggregate({ ...near, ...bounds, pipeline: [] }, call),
          () => held.describe(near, call),
          () => held.indexes(near, call),
        ];
        for (const read of reads) {
          expect(await failure(read())).toMatchObject({ code: 'not_found', suggestions: ['plants'] });
        }
      });

      it('an unknown database is not found, and near names are offered', async (at, call) => {
        await holding(at, plants);
        const error = await failure(store().collections(`${at.database}x`, call));
        expect(error).toMatchObject({
          code: 'not_found',
          suggestions: expect.arrayContaining([at.database]),
        });
      });

      it('a join with an unknown collection is not found', async (at, call) => {
        const held = await holding(at, plants);
        const lookup = { from: 'plantz', localField: 'a', foreignField: 'b', as: 'c' };
        const query = { ...at, ...bounds, pipeline: [{ $facet: { x: [{ $lookup: lookup }] } }] };
        expect(await failure(held.aggregate(query, call))).toMatchObject({
          code: 'not_found',
          suggestions: ['plants'],
        });
      });

      it('an empty collection is empty', async (at, call) => {
        const held = await holding(at, [{ _id: 1 }]);
        await held.apply({ kind: 'delete', ...at, filter: {}, many: true }, limits, call);
        expect(await held.find({ ...at, ...bounds, filter: {}, skip: 0 }, call)).toEqual({ documents: [] });
        expect(await held.count({ ...at, filter: { a: 1 } }, call)).toBe(0);
      });

      it('an unknown operator is refused by its name', async (at, call) => {
        const held = await holding(at, plants);
        const find = () => held.find({ ...at, ...bounds, filter: { a: { $nope: 1 } }, skip: 0 }, call);
        const aggregate = () => held.aggregate({ ...at, ...bounds, pipeline: [{ $nope: 1 }] }, call);
        for (const work of [find, aggregate]) {
          const { code, message } = await failure(work());
          expect(message).toContain('$nope');
          expect(['not_supported', 'bad_input']).toContain(code);
        }
      });

      it('a filter that makes no sense is bad input', async (at, call) => {
        const held = await holding(at, plants);
        const query = { ...at, ...bounds, filter: { $or: 'text' }, skip: 0 };
        expect(await failure(held.find(query, call))).toMatchObject({ code: 'bad_input' });
      });

      it('a call that is cancelled or late stops', async (at) => {
        const held = await holding(at, plants);
        const query = { ...at, ...bounds, filter: {}, skip: 0 };
        const cancelled = testCall({ signal: AbortSignal.abort() });
        expect(await failure(held.find(query, cancelled))).toMatchObject({ code: 'cancelled' });
        const late = testCall({ deadline: Date.now() - 1 });
        expect(await failure(held.find(query, late))).toMatchObject({ code: 'timeout' });
      });
    });

    describe('writing', () => {
      it('insert makes the collection and gives the _ids, those it made too', async (at, call) => {
        const ids = await store().insert(at, [{ _id: 7 }, { a: 1 }], call);
        expect(ids).toEqual([7, expect.any(ObjectId)]);
        expect(await store().count({ ...at, filter: { _id: ids[1] } }, call)).toBe(1);
      });

      it('an _id that is there already is a conflict', async (at, call) => {
        const held = await holding(at, plants);
        const error = await failure(held.insert(at, [{ _id: 1 }], call));
        expect(error).toMatchObject({ code: 'conflict', message: expect.stringContaining('_id') });
        expect(await held.count({ ...at, filter: {} }, call)).toBe(4);
      });

      it('put replaces by _id, and tells what it did', async (at, call) => {
        const held = await holding(at, plants);
        const documents = [{ _id: 1, type: 'new' }, plants[1] ?? {}, { _id: 9 }, { fresh: true }];
        const result = await held.put(at, documents, { drop: false }, call);
        expect(result).toEqual({ inserted: 2, replaced: 1, unchanged: 1 });
        expect(await held.count({ ...at, filter: {} }, call)).toBe(6);
      });

      it('put empties the collection first when it is told to', async (at, call) => {
        const held = await holding(at, plants);
        await held.put(at, [{ _id: 1 }], { drop: true }, call);
        expect((await held.find({ ...at, ...bounds, filter: {}, skip: 0 }, call)).documents).toEqual([
          { _id: 1 },
        ]);
      });

      it('put by a key replaces the document that has it, which keeps its _id', async (at, call) => {
        const held = await holding(at, plants);
        const documents = [{ type: 'SOEC', year: 2025 }, { type: 'AEM' }];
        await held.put(at, documents, { drop: false, upsertKey: 'type' }, call);
        const query = { ...at, ...bounds, filter: { type: { $in: ['SOEC', 'AEM'] } }, skip: 0 };
        const { documents: found } = await held.find({ ...query, sort: { type: -1 } }, call);
        expect(found).toEqual([
          { _id: 4, type: 'SOEC', year: 2025 },
          { _id: expect.any(ObjectId), type: 'AEM' },
        ]);
      });

      it('an update that cannot be made of one document is made of none', async (at, call) => {
        const held = await holding(at, [
          { _id: 1, n: 1 },
          { _id: 2, n: 'two' },
        ]);
        const change: ChangeRequest = {
          kind: 'update',
          ...at,
          ...{ filter: {}, update: { $inc: { n: 1 } }, many: true, upsert: false },
        };
        expect(await failure(held.preview(change, limits, call))).toMatchObject({ code: 'bad_input' });
        expect(await failure(held.apply(change, limits, call))).toMatchObject({ code: 'bad_input' });
        expect(await held.count({ ...at, filter: { n: 1 } }, call)).toBe(1);
      });

      it('upserts that were agreed to at the same time insert once and update nothing', async (at, call) => {
        const held = await holding(at, plants);
        const change: ChangeRequest = {
          kind: 'update',
          ...at,
          ...{ filter: { _id: 50, kind: 'new' }, update: { $inc: { n: 1 } }, many: false, upsert: true },
        };
        const { state } = await held.preview(change, limits, call);
        const five = Array.from({ length: 5 }, () => held.apply(change, { ...limits, state }, call));
        const made = (await Promise.allSettled(five)).filter(({ status }) => status === 'fulfilled');
        expect(made).toEqual([{ status: 'fulfilled', value: { matched: 0, changed: 0, upsertedId: 50 } }]);
        expect(await held.count({ ...at, filter: { _id: 50, kind: 'new', n: 1 } }, call)).toBe(1);
      });

      it('names that MongoDB has not are refused before anything is made', async (at, call) => {
        for (const collection of ['a$b', 'a\0b', '.a', 'a.', 'a..b', 'x'.repeat(300)]) {
          const error = await failure(store().insert({ ...at, collection }, [{ _id: 1 }], call));
          expect(error, collection).toMatchObject({ code: 'bad_input' });
        }
        expect(
          await failure(store().insert({ ...at, collection: 'system.x' }, [{ _id: 1 }], call)),
        ).toMatchObject({
          message: expect.stringContaining("server's own"),
        });
        for (const database of ['a/b', 'a b', 'a$b', 'x'.repeat(64)]) {
          const error = await failure(store().insert({ ...at, database }, [{ _id: 1 }], call));
          expect(error, database).toMatchObject({ code: 'bad_input' });
        }
      });

      it('a change is looked at first: how many documents, and two of them', async (at, call) => {
        const held = await holding(at, plants);
        const change: ChangeRequest = {
          kind: 'update',
          ...at,
          filter: { year: { $gte: 2021 } },
          update: { $set: { seen: true } },
          many: true,
          upsert: false,
        };
        const preview = await held.preview(change, limits, call);
        expect(preview).toMatchObject({ matched: 3, examples: { length: 2 } });
        expect(await held.count({ ...at, filter: { seen: true } }, call)).toBe(0);
        const result = await held.apply(change, { ...limits, state: preview.state }, call);
        expect(result).toEqual({ matched: 3, changed: 3 });
        expect(await held.count({ ...at, filter: { seen: true } }, call)).toBe(3);
      });

      it('a change of other documents than were looked at is a conflict, and nothing happens', async (at, call) => {
        const held = await holding(at, plants);
        const change: ChangeRequest = { kind: 'delete', ...at, filter: { year: 2023 }, many: true };
        const { state } = await held.preview(change, limits, call);
        await held.put(at, [{ _id: 4, type: 'SOEC', year: 2023, cells: 1 }], { drop: false }, call);
        const error = await failure(held.apply(change, { ...limits, state }, call));
        expect(error.code).toBe('conflict');
        expect(await held.count({ ...at, filter: {} }, call)).toBe(4);
      });

      it('more documents than one call may change are refused, and nothing happens', async (at, call) => {
        const held = await holding(at, plants);
        const change: ChangeRequest = { kind: 'delete', ...at, filter: {}, many: true };
        const few = { maxDocuments: 3 };
        expect(await failure(held.preview(change, few, call))).toMatchObject({ code: 'too_large' });
        expect(await failure(held.apply(change, few, call))).toMatchObject({ code: 'too_large' });
        expect(await held.count({ ...at, filter: {} }, call)).toBe(4);
      });

      it('a change of one document changes one', async (at, call) => {
        const held = await holding(at, plants);
        const set = { $set: { seen: true } };
        const one = { ...at, filter: { type: 'alkaline' }, many: false };
        const updated = await held.apply(
          { kind: 'update', ...one, update: set, upsert: false },
          limits,
          call,
        );
        expect(updated).toEqual({ matched: 1, changed: 1 });
        expect(await held.apply({ kind: 'delete', ...one }, limits, call)).toMatchObject({ changed: 1 });
        expect(await held.count({ ...at, filter: {} }, call)).toBe(3);
      });

      it('a replacement keeps the _id', async (at, call) => {
        const held = await holding(at, plants);
        const change = { ...at, filter: { _id: 1 }, many: false, update: { only: 1 }, upsert: false };
        await held.apply({ kind: 'update', ...change }, limits, call);
        const found = await held.find({ ...at, ...bounds, filter: { _id: 1 }, skip: 0 }, call);
        expect(found.documents).toEqual([{ _id: 1, only: 1 }]);
      });

      it('an upsert without a match inserts, into a new collection too', async (at, call) => {
        const change: ChangeRequest = {
          kind: 'update',
          ...at,
          filter: { _id: 5 },
          update: { $set: { a: 1 } },
          many: false,
          upsert: true,
        };
        const { matched, state } = await store().preview(change, limits, call);
        expect(matched).toBe(0);
        const result = await store().apply(change, { ...limits, state }, call);
        expect(result).toMatchObject({ matched: 0, upsertedId: 5 });
        expect(await store().count({ ...at, filter: { a: 1 } }, call)).toBe(1);
      });

      it('an update that cannot be is refused before anyone is asked', async (at, call) => {
        const held = await holding(at, plants);
        const change = { ...at, filter: {}, many: true, upsert: false };
        const update = { $set: { a: 1 }, $unset: { a: 1 } };
        const error = await failure(held.preview({ kind: 'update', ...change, update }, limits, call));
        expect(['bad_input', 'conflict']).toContain(error.code);
      });

      it('a collection that is dropped is gone', async (at, call) => {
        const held = await holding(at, plants);
        const change: ChangeRequest = { kind: 'drop_collection', ...at };
        const { matched, state } = await held.preview(change, limits, call);
        expect(matched).toBe(4);
        await held.apply(change, { ...limits, state }, call);
        expect(await failure(held.count({ ...at, filter: {} }, call))).toMatchObject({ code: 'not_found' });
      });
    });

    describe('indexes', () => {
      const byYear = { key: { year: 1, type: -1 }, unique: false };

      it('are made, listed, made only once, and dropped', async (at, call) => {
        const held = await holding(at, plants);
        const made = { name: 'year_1_type_-1', created: true };
        expect(await held.createIndex({ ...at, ...byYear }, call)).toEqual(made);
        expect(await held.createIndex({ ...at, ...byYear }, call)).toEqual({ ...made, created: false });
        expect(await held.indexes(at, call)).toEqual([
          { name: '_id_', key: { _id: 1 }, unique: true },
          { name: made.name, key: byYear.key, unique: false },
        ]);
        const drop: ChangeRequest = { kind: 'drop_index', ...at, name: made.name };
        const { state } = await held.preview(drop, limits, call);
        await held.apply(drop, { ...limits, state }, call);
        expect(await held.indexes(at, call)).toHaveLength(1);
      });

      it('a unique one refuses a second document with its value', async (at, call) => {
        const held = await holding(at, plants);
        await held.createIndex({ ...at, key: { type: 1, year: 1 }, unique: true }, call);
        const twin = { type: 'PEM', year: 2020 };
        expect(await failure(held.insert(at, [twin], call))).toMatchObject({ code: 'conflict' });
        const change = { ...at, filter: { _id: 2 }, many: false, upsert: false, update: { $set: twin } };
        const error = await failure(held.apply({ kind: 'update', ...change }, limits, call));
        expect(error.code).toBe('conflict');
      });

      it('a unique one is not made over values that are there twice', async (at, call) => {
        const held = await holding(at, plants);
        const index = { ...at, key: { type: 1 }, unique: true };
        expect(await failure(held.createIndex(index, call))).toMatchObject({ code: 'conflict' });
        expect(await held.indexes(at, call)).toHaveLength(1);
      });

      it('one that is in the way of another is a conflict', async (at, call) => {
        const held = await holding(at, plants);
        await held.createIndex({ ...at, ...byYear, name: 'first' }, call);
        for (const other of [
          { ...byYear, name: 'second' },
          { ...byYear, unique: true },
          { key: { cells: 1 }, unique: false, name: 'first' },
        ]) {
          expect(await failure(held.createIndex({ ...at, ...other }, call))).toMatchObject({
            code: 'conflict',
          });
        }
      });

      it('on an unknown collection, and one of an unknown name, are not found', async (at, call) => {
        const held = await holding(at, plants);
        const elsewhere = { ...at, collection: 'plant', ...byYear };
        expect(await failure(held.createIndex(elsewhere, call))).toMatchObject({ code: 'not_found' });
        const drop: ChangeRequest = { kind: 'drop_index', ...at, name: 'nope' };
        expect(await failure(held.preview(drop, limits, call))).toMatchObject({ code: 'not_found' });
      });

      it('that of _id cannot be dropped', async (at, call) => {
        const held = await holding(at, plants);
        const drop: ChangeRequest = { kind: 'drop_index', ...at, name: '_id_' };
        expect(await failure(held.preview(drop, limits, call))).toMatchObject({ code: 'bad_input' });
      });

      it('explain names a collection scan as such', async (at, call) => {
        const explained = await (await holding(at, plants)).explain({ ...at, filter: { year: 2023 } }, call);
        expect(explained).toMatchObject({
          plan: 'collection_scan',
          documentsExamined: 4,
          documentsReturned: 2,
        });
      });

      it('explain names the index that is used', async (at, call) => {
        const held = await holding(at, plants);
        await held.createIndex({ ...at, ...byYear }, call);
        const explained = await held.explain({ ...at, filter: { year: 2023 } }, call);
        expect(explained).toMatchObject({
          plan: 'index',
          index: 'year_1_type_-1',
          documentsExamined: 2,
          documentsReturned: 2,
        });
      });
    });
  });

  test(`${name}: what is known to be wrong is a test of the contract`, () => {
    expect(Object.keys(knownWrong).filter((title) => !titles.has(title))).toEqual([]);
  });
}
