// What a caller with rules may see and change, operation by operation. It sees the orders of tenant "a" without what they
// cost, and all customers; the vault does not exist for it.
import { beforeAll, describe, expect, test } from 'vitest';
import type { TouchedData } from '../../../../src/call.ts';
import type { Document } from '../../../../src/mql/index.ts';
import type { CollectionRule } from '../../../../src/policy/data-rules.ts';
import { currentDescriptions } from '../../../../src/stores/documents/descriptions.ts';
import type {
  ChangeRequest,
  CollectionDescription,
  DocumentStore,
  FindQuery,
  UpdateRequest,
} from '../../../../src/stores/documents/document-store.ts';
import { pagesOf } from '../../../../src/stores/documents/export/pages.ts';
import { guardedDescriptions } from '../../../../src/stores/documents/guarded.ts';
import { testCall } from '../../../support/call.ts';
import { subjectsForFile } from './subjects.ts';
import { bounds, guardedBy, outcome, readerCall, rulesFor } from './support.ts';

const orders: readonly Document[] = [
  {
    _id: 1,
    tenant: 'a',
    item: 'bolt',
    price: 5,
    secret: 'S1',
    note: { text: 'x', inner: 'N1' },
    lines: [{ sku: 'k', cost: 3 }],
  },
  {
    _id: 2,
    tenant: 'b',
    item: 'gear',
    price: 900,
    secret: 'S2',
    note: { text: 'y', inner: 'N2' },
    lines: [{ sku: 'l', cost: 7 }],
  },
  {
    _id: 3,
    tenant: 'a',
    item: 'nut',
    price: 7,
    secret: 'S3',
    note: { text: 'z', inner: 'N3' },
    lines: [
      { sku: 'm', cost: 1 },
      { sku: 'k', cost: 9 },
    ],
  },
  { _id: 4, tenant: 'b', item: 'cog', price: 1, secret: 'S1', note: {}, lines: [] },
];
const mine = [
  { _id: 1, tenant: 'a', item: 'bolt', price: 5, note: { text: 'x' }, lines: [{ sku: 'k' }] },
  { _id: 3, tenant: 'a', item: 'nut', price: 7, note: { text: 'z' }, lines: [{ sku: 'm' }, { sku: 'k' }] },
];
const customers: readonly Document[] = [
  { _id: 'c1', name: 'Ada', orders: [1, 2] },
  { _id: 'c2', name: 'Bo', orders: [3], secret: 'S2' },
];
const hidden = ['secret', 'note.inner', 'lines.cost'];
const rules: Readonly<Record<string, CollectionRule>> = {
  orders: { rows: { tenant: 'a' }, hidden },
  customers: { hidden: [] },
  later: { rows: { tenant: 'a' }, hidden: [] },
};

const limits = { maxDocuments: 100 };
let databases = 0;

for (const subject of subjectsForFile(['mongo-java-server'])) {
  // The server of the tests has no $unionWith, joins with fewer arguments and does not look into lists: it must fail.
  const complete = subject.name === 'embedded' ? test : test.fails;
  describe.skipIf(subject.skip !== '')(`${subject.name}${subject.skip}`, () => {
    let database: string;
    let whole: DocumentStore;
    let guarded: DocumentStore;

    async function fill(): Promise<void> {
      whole = subject.store();
      database = `shop${++databases}`;
      guarded = guardedBy(whole, rules);
      const put = (collection: string, documents: readonly Document[]) =>
        whole.put({ database, collection }, documents, { drop: true }, testCall());
      await put('orders', orders);
      await put('customers', customers);
      await put('vault', [{ _id: 1, code: 'V1' }]);
      await put('later', [{ _id: 1, tenant: 'b' }]);
    }
    beforeAll(fill);

    const of = (collection: string) => ({ database, collection });
    const find = (query: Partial<FindQuery>, collection = 'orders') =>
      guarded.find({ ...of(collection), filter: {}, skip: 0, ...bounds, ...query }, readerCall());
    const found = async (query: Partial<FindQuery>) => (await find(query)).documents;
    const aggregate = async (pipeline: readonly Document[], collection = 'orders') =>
      (await guarded.aggregate({ ...of(collection), pipeline, ...bounds }, readerCall())).documents;
    const distinct = async (key: string, filter: Document = {}) =>
      (await guarded.distinct({ ...of('orders'), key, filter, ...bounds }, readerCall())).values;
    const count = (filter: Document, collection = 'orders') =>
      guarded.count({ ...of(collection), filter }, readerCall());
    const raw = async (collection = 'orders') =>
      (await whole.find({ ...of(collection), filter: {}, sort: { _id: 1 }, skip: 0, ...bounds }, testCall()))
        .documents;

    describe('find', () => {
      test('gives the rows of the caller without the hidden fields', async () => {
        expect(await found({})).toEqual(mine);
      });
      test('by a hidden field finds what it would where nobody has the field', async () => {
        expect(await found({ filter: { secret: 'S1' } })).toEqual([]);
        expect(await found({ filter: { secret: null } })).toEqual(mine);
        expect(await found({ filter: { 'lines.cost': { $gt: 0 } } })).toEqual([]);
        expect(await found({ filter: { lines: { $elemMatch: { cost: 3 } } } })).toEqual([]);
      });
      test('by a document that has hidden fields compares it without them', async () => {
        expect(await found({ filter: { note: { text: 'x', inner: 'N1' } } })).toEqual([]);
        expect(await found({ filter: { note: { text: 'x' } } })).toEqual([mine[0]]);
      });
      test('sorts by a hidden field as by one that nobody has', async () => {
        expect((await found({ sort: { secret: -1, price: 1 } })).map(({ _id }) => _id)).toEqual([1, 3]);
      });
      test.each<[string, Document, Document]>([
        ['includes', { secret: 1, item: 1 }, { _id: 1, item: 'bolt' }],
        ['includes a parent of', { note: 1 }, { _id: 1, note: { text: 'x' } }],
        ['excludes', { secret: 0, lines: 0, note: 0, price: 0 }, { _id: 1, tenant: 'a', item: 'bolt' }],
        [
          'excludes a part of',
          { 'secret.deep': 0, lines: 0, note: 0, price: 0 },
          { _id: 1, tenant: 'a', item: 'bolt' },
        ],
        ['computes from', { shown: '$secret', item: 1 }, { _id: 1, item: 'bolt' }],
        ['slices beside', { lines: 0, price: 0, tenant: 0 }, { _id: 1, item: 'bolt', note: { text: 'x' } }],
      ])('a projection that %s a hidden field shows nothing of it', async (_what, projection, expected) => {
        expect(await found({ filter: { _id: 1 }, projection })).toEqual([expected]);
      });
      test('is continued where it names nothing hidden', async () => {
        const first = await find({ limit: 1, sort: { price: 1 } });
        const second = await find({ limit: 1, sort: { price: 1 }, after: first.next ?? '' });
        expect([first.documents, second.documents]).toEqual([[mine[0]], [mine[1]]]);
      });
      test('of an export gives the same', async () => {
        const pages = pagesOf(guarded, { ...of('orders'), filter: {} }, readerCall());
        expect((await Array.fromAsync(pages)).flat()).toEqual(mine);
      });
      test("refuses a collation where it would make other rows the caller's", async () => {
        const text = await outcome(() => find({ collation: { locale: 'en', strength: 1 } }));
        expect(text).toMatch(/^not_supported: A collation with the rules/);
      });
      test('refuses a positional projection', async () => {
        const query = { filter: { 'lines.sku': 'k' }, projection: { 'lines.$': 1 } };
        expect(await outcome(() => find(query))).toMatch(/^not_supported: A positional/);
      });
    });

    describe('count and distinct', () => {
      test('see the rows of the caller', async () => {
        expect(await count({})).toBe(2);
        expect(await distinct('item')).toEqual(['bolt', 'nut']);
      });
      test('find nothing by a hidden field', async () => {
        expect(await count({ secret: 'S1' })).toBe(0);
        expect(await count({ secret: { $exists: false } })).toBe(2);
        expect(await distinct('item', { 'note.inner': 'N1' })).toEqual([]);
      });
      test('give no value of a hidden field', async () => {
        expect(await distinct('secret')).toEqual([]);
        expect(await distinct('note.inner')).toEqual([]);
      });
      complete('give no value of a hidden field in a list', async () => {
        expect(await distinct('lines.cost')).toEqual([]);
        expect(await distinct('lines.0.cost')).toEqual([]);
      });
      test('give documents without their hidden fields', async () => {
        expect(await distinct('note')).toEqual([{ text: 'x' }, { text: 'z' }]);
      });
      complete('give elements of lists without their hidden fields', async () => {
        expect(await distinct('lines')).toEqual([{ sku: 'k' }, { sku: 'm' }]);
      });
    });

    describe('a pipeline', () => {
      test('begins with the rows of the caller', async () => {
        expect(await aggregate([{ $group: { _id: null, sum: { $sum: '$price' } } }])).toEqual([
          { _id: null, sum: 12 },
        ]);
      });
      test('without stages gives them without the hidden fields', async () => {
        expect(await aggregate([])).toEqual(mine);
      });
      const joinedWith = (lookup: Document) =>
        aggregate(
          [
            { $lookup: { from: 'orders', ...lookup, as: 'found' } },
            { $sort: { _id: 1 } },
            { $project: { found: 1 } },
          ],
          'customers',
        );
      const joinedRows = [
        { _id: 'c1', found: [mine[0]] },
        { _id: 'c2', found: [mine[1]] },
      ];
      complete('$lookup joins the rows of the caller without the hidden fields', async () => {
        expect(await joinedWith({ localField: 'orders', foreignField: '_id' })).toEqual(joinedRows);
      });
      test('$lookup with a pipeline joins the same', async () => {
        const among = { $match: { $expr: { $in: ['$_id', '$$ids'] } } };
        expect(await joinedWith({ let: { ids: '$orders' }, pipeline: [among] })).toEqual(joinedRows);
      });
      complete('$lookup by a hidden field finds what it would where nobody has the field', async () => {
        const lookup = { from: 'orders', localField: 'secret', foreignField: 'secret', as: 'found' };
        const joined = await aggregate(
          [{ $lookup: lookup }, { $project: { found: '$found._id' } }],
          'customers',
        );
        expect(joined).toEqual([
          { _id: 'c1', found: [1, 3] },
          { _id: 'c2', found: [] },
        ]);
      });
      complete('$unionWith adds the rows of the caller without the hidden fields', async () => {
        const added = await aggregate([{ $limit: 1 }, { $unionWith: 'orders' }], 'customers');
        expect(added.slice(1)).toEqual(mine);
      });
      complete('$graphLookup follows the rows of the caller and shows no hidden field', async () => {
        const search = {
          from: 'orders',
          startWith: '$orders',
          connectFromField: 'price',
          connectToField: '_id',
          as: 'found',
        };
        const reached = await aggregate(
          [{ $graphLookup: search }, { $sort: { _id: 1 } }, { $project: { found: 1 } }],
          'customers',
        );
        expect(reached).toEqual([
          { _id: 'c1', found: [mine[0]] },
          { _id: 'c2', found: [mine[1]] },
        ]);
      });
      complete('$facet joins in its pipelines as outside', async () => {
        const pipeline = [{ $facet: { all: [{ $unionWith: 'orders' }, { $match: { tenant: 'b' } }] } }];
        expect(await aggregate(pipeline, 'customers')).toEqual([{ all: [] }]);
      });
      test('that fails on a document says so by the stage that the caller wrote', async () => {
        const pipeline = [{ $limit: 5 }, { $project: { n: { $toInt: '$item' } } }];
        const ofWhole = () => whole.aggregate({ ...of('orders'), pipeline, ...bounds }, testCall());
        expect(await outcome(() => aggregate(pipeline))).toBe(await outcome(ofWhole));
      });
      test.each([
        '$collStats',
        '$indexStats',
        '$search',
        '$changeStream',
        '$listSearchIndexes',
        '$brandNew',
        '$out',
        '$merge',
      ])('with %s is refused by name', async (name) => {
        expect(await outcome(() => aggregate([{ [name]: {} }]))).toMatch(`not_supported: ${name} `);
      });
    });

    describe('what does not exist for the caller', () => {
      test.each<[string, (name: string) => Promise<unknown>]>([
        ['find', (name) => find({}, name)],
        ['aggregate', (name) => aggregate([], name)],
        ['count', (name) => count({}, name)],
        [
          'distinct',
          (name) => guarded.distinct({ ...of(name), key: 'a', filter: {}, ...bounds }, readerCall()),
        ],
        ['describe', (name) => guarded.describe(of(name), readerCall())],
        ['explain', (name) => guarded.explain({ ...of(name), filter: {} }, readerCall())],
        [
          'drop_index',
          (name) => guarded.apply({ kind: 'drop_index', name: 'x', ...of(name) }, limits, readerCall()),
        ],
        [
          'follow',
          (name) => guarded.follow(of(name), undefined, readerCall())[Symbol.asyncIterator]().next(),
        ],
        ['indexes', (name) => guarded.indexes(of(name), readerCall())],
        [
          '$lookup',
          (name) =>
            aggregate(
              [{ $lookup: { from: name, localField: 'a', foreignField: 'b', as: 'c' } }],
              'customers',
            ),
        ],
        ['$unionWith', (name) => aggregate([{ $unionWith: name }], 'customers')],
        ['insert', (name) => guarded.insert(of(name), [{ a: 1 }], readerCall())],
        ['put', (name) => guarded.put(of(name), [{ a: 1 }], { drop: false }, readerCall())],
        [
          'delete',
          (name) =>
            guarded.apply({ kind: 'delete', ...of(name), filter: {}, many: true }, limits, readerCall()),
        ],
        [
          'update',
          (name) =>
            guarded.preview(
              {
                kind: 'update',
                ...of(name),
                filter: {},
                update: { $set: { a: 1 } },
                many: true,
                upsert: false,
              },
              limits,
              readerCall(),
            ),
        ],
        [
          'upsert',
          (name) =>
            guarded.apply(
              {
                kind: 'update',
                ...of(name),
                filter: {},
                update: { $set: { a: 1 } },
                many: true,
                upsert: true,
              },
              limits,
              readerCall(),
            ),
        ],
        [
          'drop_collection',
          (name) => guarded.preview({ kind: 'drop_collection', ...of(name) }, limits, readerCall()),
        ],
        [
          'createIndex',
          (name) => guarded.createIndex({ ...of(name), key: { a: 1 }, unique: false }, readerCall()),
        ],
      ])('is to %s as what does not exist at all', async (_name, work) => {
        const ofHidden = await outcome(() => work('vault'));
        expect(ofHidden).toMatch(/^not_found: There is no collection "vault"/);
        expect(ofHidden.replaceAll('vault', 'fault')).toBe(await outcome(() => work('fault')));
      });
      test('is left as it was', async () => {
        expect(await raw('vault')).toEqual([{ _id: 1, code: 'V1' }]);
      });
      test('is no near name', async () => {
        expect(await outcome(() => find({}, 'vaults'))).not.toContain('"vault"');
      });
      test('is no collection of the database, nor one of its number', async () => {
        const entries = await guarded.collections(database, readerCall());
        expect(entries.map(({ name }) => name)).toEqual(['customers', 'later', 'orders']);
        const listed = await guarded.databases(readerCall());
        expect(listed.find(({ name }) => name === database)).toEqual({ name: database, collections: 3 });
      });
      test('makes a database with nothing else not exist', async () => {
        await whole.put({ database: 'closed', collection: 'orders' }, [{ a: 1 }], { drop: true }, testCall());
        await whole.put({ database: 'sealed', collection: 'vault' }, [{ a: 1 }], { drop: true }, testCall());
        const names = (await guarded.databases(readerCall())).map(({ name }) => name);
        expect(names).not.toContain('closed');
        expect(names).not.toContain('sealed');
        const asked = (name: string) => outcome(() => guarded.collections(name, readerCall()));
        expect((await asked('closed')).replaceAll('closed', 'fosted')).toBe(await asked('fosted'));
        expect((await asked('sealed')).replaceAll('sealed', 'fosted')).toBe(await asked('fosted'));
        expect(await asked('closed')).toMatch(/^not_found: There is no database "closed"/);
      });
    });

    describe('descriptions', () => {
      test('count the rows of the caller, and say no size', async () => {
        const entries = await guarded.collections(database, readerCall());
        expect(entries.find(({ name }) => name === 'orders')).toEqual({
          name: 'orders',
          documents: 2,
          bytes: 0,
          narrowed: true,
        });
      });
      test('are those of a collection with only the rows and fields of the caller', async () => {
        const copy = { database: `${database}x`, collection: 'orders' };
        await whole.put(copy, mine, { drop: true }, testCall());
        /** A server draws its sample in any order. */
        const ordered = ({ fields, ...rest }: CollectionDescription) => ({
          ...rest,
          fields: fields.map(({ examples, ...field }) => ({
            ...field,
            examples: examples.map(String).sort(),
          })),
        });
        const only = await whole.describe(copy, testCall());
        const described = await guarded.describe(of('orders'), readerCall());
        expect(ordered(described)).toEqual({ ...ordered(only), bytes: 0, narrowed: true });
      });
      test('name no reference to what does not exist for the caller', async () => {
        const described = await guardedBy(whole, { customers: { hidden: [] } }).describe(
          of('customers'),
          readerCall(),
        );
        expect(described.fields.flatMap(({ references }) => references ?? [])).toEqual([]);
      });
      test('that are remembered are not shown to a caller with rules', async () => {
        const remembered = currentDescriptions(whole);
        const seen = guardedDescriptions(remembered, guarded, 'test', () => rulesFor(rules));
        const { found: described } = await seen.describe(of('orders'), readerCall());
        expect(described.documents).toBe(2);
        expect((await seen.collections(database, readerCall())).found).toHaveLength(3);
      });
      test('leave out the indexes on hidden fields', async () => {
        await whole.createIndex({ ...of('orders'), key: { item: 1, secret: 1 }, unique: false }, testCall());
        await whole.createIndex({ ...of('orders'), key: { price: 1 }, unique: false }, testCall());
        const names = (await guarded.indexes(of('orders'), readerCall())).map(({ key }) =>
          Object.keys(key).join(),
        );
        expect(names.filter((name) => name !== '_id')).toEqual(['price']);
      });
      complete('explain names the collection of a join that is not there', async () => {
        const pipeline = [{ $lookup: { from: 'vault', localField: '_id', foreignField: '_id', as: 'v' } }];
        const work = guarded.explain({ ...of('customers'), filter: {}, pipeline }, readerCall());
        await expect(work).rejects.toThrow('There is no collection "vault"');
      });
      test('explain is refused where rules narrow a collection', async () => {
        const explain = (collection: string, pipeline?: Document[]) =>
          outcome(() =>
            guarded.explain({ ...of(collection), filter: {}, ...(pipeline && { pipeline }) }, readerCall()),
          );
        expect(await explain('orders')).toMatch(/^not_supported: explain with the rules/);
        expect(await explain('customers', [{ $unionWith: 'orders' }])).toMatch(
          /^not_supported: explain with the rules/,
        );
      });
    });

    describe('writing', () => {
      beforeAll(fill);
      const change = (request: ChangeRequest) => guarded.apply(request, limits, readerCall());
      const update = (request: Partial<UpdateRequest>) =>
        change({
          kind: 'update',
          ...of('orders'),
          filter: {},
          update: {},
          many: true,
          upsert: false,
          ...request,
        });
      const remove = (filter: Document) => change({ kind: 'delete', ...of('orders'), filter, many: true });
      const insert = (document: Document) => guarded.insert(of('orders'), [document], readerCall());

      test('inserts a document that the caller can see', async () => {
        expect(await insert({ _id: 10, tenant: 'a', item: 'pin' })).toEqual([10]);
        expect(await remove({ _id: 10 })).toMatchObject({ changed: 1 });
      });
      test.each<[string, Document]>([
        ['of another tenant', { _id: 11, tenant: 'b' }],
        ['of no tenant', { _id: 11 }],
        ['of several tenants as a document', { _id: 11, tenant: { $in: ['a'] } }],
        ['with a hidden field', { _id: 11, tenant: 'a', secret: 'guess' }],
        ['with a hidden field in a list', { _id: 11, tenant: 'a', lines: [{ sku: 'x' }, { cost: 1 }] }],
        ['with a hidden field in a list in a list', { _id: 11, tenant: 'a', lines: [[{ cost: 1 }]] }],
      ])('inserts no document %s', async (_what, document) => {
        expect(await outcome(() => insert(document))).toMatch(/^not_allowed: Nothing was changed/);
        expect(await raw()).toHaveLength(4);
      });
      test('tells no name of an index that holds a hidden field', async () => {
        const key = { secret: 1, tenant: 1, item: 1 };
        await whole.createIndex({ ...of('later'), key, unique: true }, testCall());
        const later = guardedBy(whole, { later: { rows: { tenant: 'a' }, hidden: ['secret'] } });
        const add = () => later.insert(of('later'), [{ tenant: 'a', item: 'same' }], readerCall());
        await add();
        const text = await outcome(add);
        expect(text).toMatch(/^conflict: An _id or another unique value already exists/);
        expect(text).not.toContain('secret');
      });
      test('updates and deletes the rows of the caller only', async () => {
        expect(await update({ update: { $inc: { price: 100 } } })).toMatchObject({ matched: 2, changed: 2 });
        expect((await raw()).map(({ price }) => price)).toEqual([105, 900, 107, 1]);
        await update({ update: { $inc: { price: -100 } } });
        expect(await update({ filter: { _id: 2 }, update: { $set: { price: 0 } } })).toMatchObject({
          matched: 0,
        });
        expect(await remove({ tenant: 'b' })).toMatchObject({ matched: 0 });
      });
      test('finds nothing to change by a hidden field', async () => {
        expect(await update({ filter: { secret: 'S1' }, update: { $set: { price: 0 } } })).toMatchObject({
          matched: 0,
        });
        expect(await remove({ 'lines.cost': 3 })).toMatchObject({ matched: 0 });
      });
      test('finds all rows of the caller by the lack of a hidden field', async () => {
        expect(
          await update({ filter: { secret: null, item: 'nut' }, update: { $set: { price: 8 } } }),
        ).toMatchObject({ changed: 1 });
        await update({ filter: { item: 'nut' }, update: { $set: { price: 7 } } });
      });
      test.each<[string, Partial<UpdateRequest>]>([
        ['changes whose a document is', { update: { $set: { tenant: 'b' } } }],
        ['removes what says whose it is', { update: { $unset: { tenant: '' } } }],
        ['renames onto what says whose it is', { update: { $rename: { item: 'tenant' } } }],
        ['renames a hidden field', { update: { $rename: { secret: 'shown' } } }],
        ['renames a field with hidden ones in it', { update: { $rename: { note: 'shown' } } }],
        ['sets a hidden field', { update: { $set: { secret: 'x' } } }],
        ['sets a field with hidden ones in it', { update: { $set: { note: {} } } }],
        ['sets a part of a hidden field', { update: { $set: { 'secret.x': 1 } } }],
        ['sets a hidden field by position', { update: { $set: { 'lines.0.cost': 1 } } }],
        ['sets a hidden field of all elements', { update: { $set: { 'lines.$[].cost': 1 } } }],
        ['takes elements out by a hidden field', { update: { $pull: { lines: { cost: 3 } } } }],
        ['compares with a hidden field', { update: { $max: { 'note.inner': 'M' } } }],
        [
          'finds elements by a hidden field',
          { update: { $set: { 'lines.$[x].sku': 'hit' } }, arrayFilters: [{ 'x.cost': 3 }] },
        ],
        [
          'finds an element by its position',
          { filter: { 'lines.sku': 'k' }, update: { $set: { 'lines.$.sku': 'hit' } } },
        ],
        ['copies a hidden field', { update: [{ $set: { shown: '$secret' } }] }],
        ['replaces a document', { many: false, update: { tenant: 'a', item: 'new' } }],
        ['may insert', { filter: { _id: 99, tenant: 'a' }, update: { $set: { price: 1 } }, upsert: true }],
      ])('makes no update that %s', async (_what, request) => {
        const before = await raw();
        expect(await outcome(() => update(request))).toMatch(/^not_allowed: Nothing was changed/);
        expect(await raw()).toEqual(before);
      });
      test('replaces a document by one that the caller can see, where no field is hidden', async () => {
        const rowsOnly = guardedBy(whole, { later: { rows: { tenant: 'a' }, hidden: [] } });
        await whole.put(
          of('later'),
          [
            { _id: 1, tenant: 'a' },
            { _id: 2, tenant: 'b' },
          ],
          { drop: true },
          testCall(),
        );
        const replace = (update: Document) =>
          rowsOnly.apply(
            { kind: 'update', ...of('later'), filter: {}, update, many: false, upsert: false },
            limits,
            readerCall(),
          );
        await replace({ tenant: 'a', now: true });
        expect(await raw('later')).toEqual([
          { _id: 1, tenant: 'a', now: true },
          { _id: 2, tenant: 'b' },
        ]);
        expect(await outcome(() => replace({ tenant: 'b' }))).toMatch(/^not_allowed/);
      });
      test.each<[string, () => Promise<unknown>]>([
        ['drop_collection', () => change({ kind: 'drop_collection', ...of('orders') })],
        ['drop_index', () => change({ kind: 'drop_index', name: 'x', ...of('orders') })],
        [
          'createIndex',
          () => guarded.createIndex({ ...of('orders'), key: { secret: 1 }, unique: true }, readerCall()),
        ],
        ['put', () => guarded.put(of('orders'), [{ _id: 2, tenant: 'a' }], { drop: false }, readerCall())],
        [
          'follow',
          () => guarded.follow(of('orders'), undefined, readerCall())[Symbol.asyncIterator]().next(),
        ],
      ])('refuses %s, which is of the whole collection', async (_name, work) => {
        expect(await outcome(work)).toMatch(/^not_allowed: Nothing was changed/);
        expect(await raw()).toHaveLength(4);
      });
      test('previews show no hidden field, and agree with what is then changed', async () => {
        const request: ChangeRequest = {
          kind: 'delete',
          ...of('orders'),
          filter: { price: { $gt: 0 } },
          many: true,
        };
        const shown = await guarded.preview(request, limits, readerCall());
        expect(shown.matched).toBe(2);
        expect(shown.examples).toEqual(mine);
        expect(await guarded.apply(request, { ...limits, state: shown.state }, readerCall())).toMatchObject({
          changed: 2,
        });
        expect(await raw()).toEqual([orders[1], orders[3]]);
      });
    });

    describe('the record of a call', () => {
      beforeAll(fill);
      const touchedBy = async (
        work: (call: ReturnType<typeof readerCall>) => Promise<unknown>,
        asReader: boolean,
      ) => {
        const touched: TouchedData[] = [];
        const hears = { touched: (each: TouchedData) => touched.push(each) };
        await work(asReader ? readerCall(hears) : testCall(hears));
        return touched.map(({ what, rows }) => [what.replace(`test/${database}/`, ''), rows]);
      };
      test.each([true, false])(
        'names what is read and changed, and how many documents (with rules: %s)',
        async (asReader) => {
          const rows = asReader ? 2 : 4;
          expect(
            await touchedBy(
              (call) => guarded.find({ ...of('orders'), filter: {}, skip: 0, ...bounds }, call),
              asReader,
            ),
          ).toEqual([['orders', rows]]);
          const join = [{ $lookup: { from: 'orders', pipeline: [], as: 'x' } }];
          expect(
            await touchedBy(
              (call) => guarded.aggregate({ ...of('customers'), pipeline: join, ...bounds }, call),
              asReader,
            ),
          ).toEqual([
            ['customers', 2],
            ['orders', 0],
          ]);
          const update: ChangeRequest = {
            kind: 'update',
            ...of('orders'),
            filter: {},
            update: { $inc: { price: 1 } },
            many: true,
            upsert: false,
          };
          expect(await touchedBy((call) => guarded.apply(update, limits, call), asReader)).toEqual([
            ['orders', rows],
          ]);
        },
      );
    });
  });
}
