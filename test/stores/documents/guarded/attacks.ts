import type { Document } from '../../../../src/mql/index.ts';
import type {
  ChangeRequest,
  DocumentStore,
  UpdateRequest,
} from '../../../../src/stores/documents/document-store.ts';
import { bounds, readerCall } from './support.ts';

// Tries to learn a hidden value, or anything of another tenant's row, each in one call.

/** Returns whatever the caller gets to see. */
export type Attack = (store: DocumentStore, database: string) => Promise<unknown>;

/** Rows that the attacker may see, with fields that it may not: `secret`, `salary`, `note.inner` and `lines.cost`. */
export const visibleRows: readonly Document[] = [
  {
    _id: 1,
    tenant: 'a',
    item: '10',
    price: 5,
    salary: 4711,
    secret: 'SESAME-1',
    note: { text: 'x', inner: 'SESAME-2' },
    lines: [
      { sku: 'k', cost: 4712 },
      { sku: 'm', cost: 4713 },
    ],
  },
  {
    _id: 3,
    tenant: 'a',
    item: '20',
    price: 7,
    salary: 9,
    secret: 'SESAME-0',
    note: { text: 'z', inner: 'SESAME-3' },
    lines: [{ sku: 'n', cost: 1 }],
  },
];

/** The same rows as the attacker sees them. */
export const seenRows: readonly Document[] = [
  { _id: 1, tenant: 'a', item: '10', price: 5, note: { text: 'x' }, lines: [{ sku: 'k' }, { sku: 'm' }] },
  { _id: 3, tenant: 'a', item: '20', price: 7, note: { text: 'z' }, lines: [{ sku: 'n' }] },
];

/** Rows of others: a value that is no number, a price of zero, a tenant that only a collation makes the attacker's. */
export const otherRows: readonly Document[] = [
  {
    _id: 0,
    tenant: 'b',
    item: 'RIVAL-1',
    price: 0,
    salary: 3,
    secret: 'SESAME-1',
    note: { text: 'RIVAL-2', inner: 'SESAME-1' },
    lines: [{ sku: 'k', cost: 4712 }],
  },
  { _id: 2, tenant: 'A', item: 'RIVAL-3', price: 'RIVAL-4', salary: 1, secret: 'x', note: {}, lines: [] },
];

export const hidden = ['secret', 'salary', 'note.inner', 'lines.cost'];

/** What must be in no answer and no error. */
export const planted = /SESAME-\d|RIVAL|471\d|VAULT/;

const orders = (database: string) => ({ database, collection: 'orders' });

const find =
  (query: Document): Attack =>
  async (store, database) => {
    const page = await store.find(
      { ...orders(database), filter: {}, skip: 0, ...bounds, ...query },
      readerCall(),
    );
    return { ...page, next: page.next !== undefined };
  };
const where = (filter: Document): Attack => find({ filter });
const expr = (expression: unknown): Attack => find({ filter: { $expr: expression } });
const project = (projection: Document): Attack => find({ projection });
const counting =
  (filter: Document): Attack =>
  (store, database) =>
    store.count({ ...orders(database), filter }, readerCall());
const distinct =
  (key: string, filter: Document = {}, rest: Document = {}): Attack =>
  (store, database) =>
    store.distinct({ ...orders(database), key, filter, ...bounds, ...rest }, readerCall());
const pipeline =
  (stages: readonly Document[], collection = 'orders', rest: Document = {}): Attack =>
  (store, database) =>
    store.aggregate({ database, collection, pipeline: stages, ...bounds, ...rest }, readerCall());
const outside = (stages: readonly Document[]): Attack => pipeline(stages, 'customers');
const explain =
  (filter: Document): Attack =>
  (store, database) =>
    store.explain({ ...orders(database), filter }, readerCall());

const limits = { maxDocuments: 100 };
const changing =
  (request: (database: string) => ChangeRequest): Attack =>
  async (store, database) => {
    const shown = await store.preview(request(database), limits, readerCall());
    const made = await store.apply(request(database), { ...limits, state: shown.state }, readerCall());
    return { matched: shown.matched, examples: shown.examples, made };
  };
const update = (request: Partial<UpdateRequest>): Attack =>
  changing((database) => ({
    kind: 'update',
    ...orders(database),
    filter: {},
    update: { $set: { hit: 1 } },
    many: true,
    upsert: false,
    ...request,
  }));
const remove = (filter: Document, rest: Document = {}): Attack =>
  changing((database) => ({ kind: 'delete', ...orders(database), filter, many: true, ...rest }));

const self = (args: Document): Document => ({ $lookup: { from: 'orders', as: 'found', ...args } });
const graph = (args: Document): Document => ({
  $graphLookup: {
    from: 'orders',
    startWith: '$guess',
    connectFromField: 'price',
    connectToField: '_id',
    as: 'found',
    ...args,
  },
});
const en = { locale: 'en', strength: 1 };

export const attacks: Readonly<Record<string, Attack>> = {
  // Guessing by a filter.
  'equal to a guess': where({ secret: 'SESAME-1' }),
  'matching a pattern': where({ secret: { $regex: '^SES' } }),
  'not equal to a guess': where({ secret: { $ne: 'SESAME-1' } }),
  'having the field': where({ secret: { $exists: true } }),
  'of a type': where({ secret: { $type: 'string' } }),
  'among guesses': where({ secret: { $in: ['SESAME-1', 'SESAME-2'] } }),
  'above a number': where({ salary: { $gt: 4710 } }),
  'with a remainder': where({ salary: { $mod: [4711, 0] } }),
  'with bits': where({ salary: { $bitsAllSet: [0] } }),
  'not above a number': where({ salary: { $not: { $gt: 1 } } }),
  'with all of a list': where({ secret: { $all: ['SESAME-1'] } }),
  'of a whole document': where({ note: { text: 'x', inner: 'SESAME-2' } }),
  'of a document above another': where({ note: { $gt: { text: 'x', inner: 'SESAME-1' } } }),
  'of a field in a document': where({ 'note.inner': 'SESAME-2' }),
  'of a part of a field': where({ 'secret.x': null }),
  'with an empty name behind': where({ 'secret.': null }),
  'of a field in a list': where({ 'lines.cost': 4712 }),
  'of a field at a position': where({ 'lines.0.cost': 4712 }),
  'of an element': where({ lines: { $elemMatch: { cost: 4712 } } }),
  'of an element of a document': where({ lines: { $elemMatch: { $eq: { sku: 'k', cost: 4712 } } } }),
  'of a whole list': where({
    lines: [
      { sku: 'k', cost: 4712 },
      { sku: 'm', cost: 4713 },
    ],
  }),
  'in a branch': where({ $or: [{ secret: 'SESAME-1' }, { _id: 99 }] }),
  'in the opposite of a branch': where({ $nor: [{ secret: 'SESAME-1' }] }),
  'in branches of branches': where({ $and: [{ $or: [{ $nor: [{ salary: { $lt: 10 } }] }] }] }),
  'of another tenant': where({ tenant: 'b' }),
  'of any tenant': where({ $or: [{ tenant: 'b' }, { tenant: 'a' }, {}] }),
  'by the _id of another': where({ _id: { $in: [0, 2] } }),
  'required by a schema': where({ $jsonSchema: { required: ['secret'] } }),
  'described by a schema': where({ $jsonSchema: { properties: { secret: { enum: ['SESAME-1'] } } } }),
  'counted by a schema': where({ $jsonSchema: { maxProperties: 6 } }),
  'without other fields by a schema': where({
    $jsonSchema: { properties: { _id: {}, tenant: {} }, additionalProperties: false },
  }),
  'by an expression': expr({ $eq: ['$secret', 'SESAME-1'] }),
  'by the field of a name': expr({ $eq: [{ $getField: 'secret' }, 'SESAME-1'] }),
  'by the field of a name that is computed': expr({
    $eq: [{ $getField: { field: { $concat: ['sec', 'ret'] }, input: '$$ROOT' } }, 'SESAME-1'],
  }),
  'by all fields': expr({
    $in: ['SESAME-1', { $map: { input: { $objectToArray: '$$ROOT' }, in: '$$this.v' } }],
  }),
  'by the size of the document': expr({ $gt: [{ $bsonSize: '$$ROOT' }, 150] }),
  'by the failure of a conversion': expr({ $toInt: '$secret' }),
  'by the failure of a conversion of another row': expr({ $toInt: '$item' }),
  'by a division by the zero of another row': expr({ $divide: [1, '$price'] }),
  'by JavaScript': where({ $where: 'this.secret == "SESAME-1"' }),
  'by text': where({ $text: { $search: 'SESAME' } }),
  'by a place': where({ note: { $near: [0, 0] } }),
  // Order and pages.
  'in the order of the field': find({ sort: { secret: 1 } }),
  'in the order of a list': find({ sort: { 'lines.cost': -1 } }),
  'in the order of documents with the field': find({ sort: { note: -1 } }),
  'first in the order of the field': find({ sort: { salary: 1 }, limit: 1 }),
  'behind the rows of others': find({ sort: { _id: 1 }, skip: 1 }),
  // Projections.
  'shown by name': project({ secret: 1, item: 1 }),
  'shown with its document': project({ note: 1 }),
  'shown by a computed field': project({ shown: '$secret' }),
  'shown by the root': project({ shown: '$$ROOT' }),
  'shown by the root in a list': project({ shown: ['$$ROOT', '$$CURRENT.secret'] }),
  'shown by a slice': project({ lines: { $slice: 1 } }),
  'shown by a slice of an expression': project({ shown: { $slice: ['$lines', 5] }, item: 1 }),
  'shown by a slice of an expression that excludes': project({ shown: { $slice: ['$lines', 5] } }),
  'shown by a slice of an expression with three parts': project({
    other: { $slice: ['$lines', 0, 5] },
    item: 1,
  }),
  'shown beside a slice': project({ other: { $slice: 1 } }),
  'shown beside a slice and an element': project({ other: { $slice: 1 }, more: { $elemMatch: { a: 1 } } }),
  'shown beside an element': project({ other: { $elemMatch: { a: 1 } }, _id: 0 }),
  'shown by an element': project({ lines: { $elemMatch: { cost: 4712 } } }),
  'shown by a position': find({ filter: { 'lines.cost': 4713 }, projection: { 'lines.$': 1 } }),
  'shown by leaving others out': project({ item: 0 }),
  'shown by leaving out a part of it': project({ 'secret.x': 0, 'note.inner.y': 0 }),
  'shown by the key of an index': project({ shown: { $meta: 'indexKey' } }),
  'shown by a nested projection': project({ note: { inner: 1 } }),
  // Counts and distinct values.
  'counted by a guess': counting({ secret: 'SESAME-1' }),
  'counted by an expression': counting({ $expr: { $gt: ['$salary', 4710] } }),
  'counted with the rows of others': counting({}),
  'counted by the lack of it': counting({ secret: null }),
  'distinct values of it': distinct('secret'),
  'distinct documents with it': distinct('note'),
  'distinct values in a list': distinct('lines.cost'),
  'distinct values at a position': distinct('lines.0'),
  'distinct values of a part of it': distinct('secret.x'),
  'distinct values by a guess': distinct('item', { secret: 'SESAME-1' }),
  'distinct values of others': distinct('item', { tenant: { $ne: 'a' } }),
  // Pipelines.
  projected: pipeline([{ $project: { shown: '$secret', more: '$note.inner' } }]),
  grouped: pipeline([
    { $group: { _id: '$secret', sum: { $sum: '$salary' }, all: { $push: '$$ROOT' } } },
    { $sort: { _id: 1 } },
  ]),
  'made a list of fields': pipeline([{ $project: { all: { $objectToArray: '$$ROOT' } } }]),
  'made the root': pipeline([{ $replaceRoot: { newRoot: { all: '$$ROOT', one: '$secret' } } }]),
  'got by its name': pipeline([{ $project: { shown: { $getField: 'secret' } } }]),
  unwound: pipeline([{ $unwind: '$lines' }, { $group: { _id: '$lines.cost' } }]),
  'redacted by a guess': pipeline([
    { $redact: { $cond: [{ $eq: ['$inner', 'SESAME-2'] }, '$$PRUNE', '$$DESCEND'] } },
  ]),
  sorted: pipeline([{ $sort: { secret: 1 } }, { $limit: 1 }]),
  'summed in a window': pipeline([
    { $setWindowFields: { sortBy: { salary: 1 }, output: { n: { $sum: '$salary' } } } },
  ]),
  'put into buckets': pipeline([{ $bucketAuto: { groupBy: '$salary', buckets: 2 } }]),
  'in facets': pipeline([
    { $facet: { a: [{ $match: { secret: 'SESAME-1' } }], b: [{ $group: { _id: '$salary' } }] } },
  ]),
  'added back': pipeline([{ $addFields: { 'note.inner': '$note.inner', kept: '$lines' } }]),
  'removed by another name': pipeline([{ $unset: 'tenant' }, { $match: { tenant: { $exists: false } } }]),
  'matched behind a limit': pipeline([{ $limit: 1 }, { $match: { tenant: 'b' } }]),
  'of another row by the failure of a conversion': pipeline([
    { $match: { $expr: { $gt: [{ $toInt: '$item' }, 0] } } },
  ]),
  'of another row by a conversion behind others': pipeline([
    { $sort: { price: 1 } },
    { $project: { n: { $toInt: '$item' } } },
  ]),
  'of a field by a conversion': pipeline([{ $project: { n: { $toInt: '$secret' } } }]),
  'of a field by a conversion in a filter': pipeline([{ $match: { $expr: { $toInt: '$secret' } } }]),
  'by the key of an index': pipeline([{ $project: { shown: { $meta: 'indexKey' } } }]),
  // Joins, of itself and from a collection that is wholly there.
  'joined with itself': pipeline([self({ localField: 'price', foreignField: 'price' })]),
  'joined by a guess': outside([self({ localField: 'guess', foreignField: 'secret' })]),
  'joined by a guess of a number in a list': outside([
    self({ localField: 'number', foreignField: 'lines.cost' }),
  ]),
  'joined by a guess of a document': outside([self({ localField: 'whole', foreignField: 'note' })]),
  'joined by a guess and a pipeline': outside([
    self({ localField: 'guess', foreignField: 'secret', pipeline: [{ $count: 'n' }] }),
  ]),
  'joined by a pipeline': outside([self({ pipeline: [{ $match: { secret: { $exists: true } } }] })]),
  'joined by an expression': outside([
    self({ let: { g: '$guess' }, pipeline: [{ $match: { $expr: { $eq: ['$secret', '$$g'] } } }] }),
  ]),
  'joined by a conversion of another row': outside([
    self({ pipeline: [{ $match: { $expr: { $gt: [{ $toInt: '$item' }, 0] } } }] }),
  ]),
  'joined two deep': outside([self({ pipeline: [self({ pipeline: [] })] })]),
  'joined in facets': outside([{ $facet: { a: [self({ pipeline: [{ $unionWith: 'orders' }] })] } }]),
  'joined behind documents of the caller': outside([
    { $limit: 1 },
    self({ localField: '_id', foreignField: 'tenant' }),
  ]),
  'joined from another database': outside([self({ from: { db: 'rich', coll: 'orders' }, pipeline: [] })]),
  'joined by an argument of the server': outside([self({ pipeline: [], _internalCollation: en })]),
  united: outside([{ $unionWith: 'orders' }]),
  'united by a pipeline': outside([
    { $unionWith: { coll: 'orders', pipeline: [{ $group: { _id: '$secret' } }] } },
  ]),
  'united in a union': outside([{ $unionWith: { coll: 'customers', pipeline: [{ $unionWith: 'orders' }] } }]),
  'followed to others': outside([graph({ startWith: 0 })]),
  'followed by a guess': outside([graph({ connectToField: 'secret' })]),
  'followed by the field': outside([
    graph({ startWith: 1, connectFromField: 'salary', connectToField: '_id' }),
  ]),
  'followed by a document': outside([graph({ startWith: '$whole', connectToField: 'note' })]),
  'followed where a guess holds': outside([
    graph({ startWith: 1, restrictSearchWithMatch: { secret: 'SESAME-1' } }),
  ]),
  'followed where an expression holds': outside([
    graph({ startWith: 1, restrictSearchWithMatch: { $expr: { $eq: ['$secret', 'SESAME-1'] } } }),
  ]),
  'followed with its depth in the place of it': outside([graph({ startWith: 1, depthField: 'secret' })]),
  // What servers tell of a collection.
  'in the statistics': pipeline([{ $collStats: { storageStats: {} } }]),
  'in the statistics of indexes': pipeline([{ $indexStats: {} }]),
  'by a search': pipeline([{ $search: { text: { query: 'SESAME', path: 'secret' } } }]),
  'by the nearest': pipeline([{ $geoNear: { near: [0, 0], key: 'note', distanceField: 'd' } }]),
  'written elsewhere': pipeline([{ $out: 'copy' }]),
  'merged elsewhere': pipeline([{ $merge: 'copy' }]),
  explained: explain({ secret: 'SESAME-1' }),
  'explained with the rows of others': explain({}),
  described: (store, database) => store.describe(orders(database), readerCall()),
  'in the indexes': (store, database) => store.indexes(orders(database), readerCall()),
  'in the sizes': (store, database) => store.collections(database, readerCall()),
  // Collations, by which "A" is "a".
  'of another by a collation': find({ collation: en }),
  'counted by a collation': (store, database) =>
    store.count({ ...orders(database), filter: {}, collation: en }, readerCall()),
  'distinct by a collation': distinct('item', {}, { collation: en }),
  'aggregated by a collation': pipeline([], 'orders', { collation: en }),
  'joined by a collation': pipeline([self({ pipeline: [] })], 'customers', { collation: en }),
  'deleted by a collation': remove({}, { collation: en }),
  // A collection that does not exist for the caller.
  'of the vault': (store, database) =>
    store.find({ database, collection: 'vault', filter: {}, skip: 0, ...bounds }, readerCall()),
  'of nearly the vault': (store, database) =>
    store.find({ database, collection: 'vaul', filter: {}, skip: 0, ...bounds }, readerCall()),
  'joined from the vault': pipeline([self({ from: 'vault', pipeline: [] })]),
  'united with the vault': pipeline([{ $unionWith: 'vault' }]),
  'followed in the vault': pipeline([graph({ from: 'vault', startWith: 1 })]),
  'referred to in the vault': async (store, database) => {
    const { fields } = await store.describe({ database, collection: 'customers' }, readerCall());
    return fields.map(({ path, references }) => ({ path, references }));
  },
  // By what a change meets.
  'changed by a guess': update({ filter: { secret: 'SESAME-1' } }),
  'changed by the lack of it': update({ filter: { secret: { $exists: false } } }),
  'changed by a guess in a list': update({ filter: { 'lines.cost': 4712 } }),
  'changed by an expression': update({ filter: { $expr: { $eq: ['$secret', 'SESAME-1'] } } }),
  'changed by a conversion of another row': update({ filter: { $expr: { $gt: [{ $toInt: '$item' }, 0] } } }),
  'changed in elements by a guess': update({
    update: { $set: { 'lines.$[e].hit': 1 } },
    arrayFilters: [{ 'e.cost': 4712 }],
  }),
  'changed at an element by a guess': update({
    filter: { 'lines.cost': 4713 },
    update: { $set: { 'lines.$.hit': 1 } },
  }),
  'taken out of a list by a guess': update({ update: { $pull: { lines: { cost: 4712 } } } }),
  renamed: update({ update: { $rename: { secret: 'shown' } } }),
  'renamed with its document': update({ update: { $rename: { note: 'shown' } } }),
  'renamed onto': update({ update: { $rename: { item: 'secret' } } }),
  'copied by a pipeline': update({ update: [{ $set: { shown: '$secret', all: '$$ROOT' } }] }),
  'raised to a guess': update({ update: { $max: { salary: 4711 } } }),
  incremented: update({ update: { $inc: { secret: 1 } } }),
  overwritten: update({ update: { $set: { note: { inner: 'mine' } } } }),
  'made one of the caller': update({ filter: { _id: 0 }, update: { $set: { tenant: 'a' } } }),
  replaced: update({ filter: { _id: 0 }, many: false, update: { tenant: 'a' } }),
  'inserted if missing': update({ filter: { secret: 'SESAME-1' }, upsert: true }),
  'deleted by a guess': remove({ secret: 'SESAME-1' }),
  'deleted with the rows of others': remove({}),
  'shown before it is deleted': remove({ _id: 1 }),
  'written with the field': (store, database) =>
    store.insert(orders(database), [{ _id: 7, tenant: 'a', secret: 'SESAME-9' }], readerCall()),
  'written for another': (store, database) =>
    store.insert(orders(database), [{ _id: 7, tenant: 'b' }], readerCall()),
  'overwritten by an import': (store, database) =>
    store.put(orders(database), [{ _id: 0, tenant: 'a' }], { drop: false }, readerCall()),
  'emptied by an import': (store, database) => store.put(orders(database), [], { drop: true }, readerCall()),
  'told by a unique index': (store, database) =>
    store.createIndex({ ...orders(database), key: { secret: 1 }, unique: true }, readerCall()),
  'followed as it changes': (store, database) =>
    store.follow(orders(database), undefined, readerCall())[Symbol.asyncIterator]().next(),
};
