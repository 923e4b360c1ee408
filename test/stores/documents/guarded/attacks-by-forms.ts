import {
  type Attack,
  counting,
  distinct,
  expr,
  find,
  graph,
  orders,
  outside,
  pipeline,
  project,
  remove,
  self,
  update,
  where,
} from './attack-forms.ts';
import { bounds, readerCall } from './support.ts';

// The same by all the ways in which stages, operators and names can be written. What is found to let something through gets
// a row here first.

/** Fails with a message that shows the value where it is asked of an `item` that is no number. */
const conversion = { $expr: { $gt: [{ $toInt: '$item' }, 0] } };
const conversionOf = (path: string) => ({ $expr: { $gt: [{ $toInt: path }, 0] } });
const united = (more: object) => ({ $unionWith: { coll: 'orders', ...more } });
const shown = (expression: unknown): Attack => pipeline([{ $project: { shown: expression } }]);
const computedName = { $concat: ['sec', 'ret'] };
const insert =
  (document: object): Attack =>
  (store, database) =>
    store.insert(orders(database), [{ tenant: 'a', ...document }], readerCall());
const of =
  (collection: string): Attack =>
  (store, database) =>
    store.find({ database, collection, filter: {}, skip: 0, ...bounds }, readerCall());
const bySort = (sort: object): Attack => find({ sort });

export const attacksByForms: Readonly<Record<string, Attack>> = {
  // Joins whose pipeline is there and is none: servers take null for one that was left out.
  'united by a pipeline that is null': outside([united({ pipeline: null })]),
  'united by a pipeline that is no list': outside([united({ pipeline: {} })]),
  'united by a pipeline with numbers as names': outside([united({ pipeline: { 0: { $match: {} } } })]),
  'united by a pipeline that is text': outside([united({ pipeline: '[]' })]),
  'united by a null in facets': outside([{ $facet: { a: [united({ pipeline: null })] } }]),
  'united by a null in a join': outside([
    { $lookup: { from: 'customers', pipeline: [united({ pipeline: null })], as: 'found' } },
  ]),
  'united by a null behind documents': outside([
    { $unionWith: { pipeline: [{ $documents: [{ a: 1 }] }, united({ pipeline: null })] } },
  ]),
  'joined by a pipeline that is null': outside([self({ pipeline: null })]),
  'joined by fields and a pipeline that is null': outside([
    self({ localField: 'number', foreignField: 'price', pipeline: null }),
  ]),
  'joined by a pipeline that is no list': outside([self({ pipeline: {} })]),
  'joined by nothing': outside([self({})]),
  'joined by fields that are null': outside([self({ localField: null, foreignField: null })]),
  'joined by fields without a name': outside([self({ localField: '', foreignField: '' })]),
  'joined by variables that are null': outside([self({ let: null, pipeline: [] })]),
  'joined by one field of the two': outside([self({ localField: 'number' })]),
  'followed with a restriction that is null': outside([
    graph({ restrictSearchWithMatch: null, startWith: 0 }),
  ]),
  'in facets that are none': outside([{ $facet: { a: { 0: { $unionWith: 'orders' } } } }]),
  // Conditions that a server may evaluate before it knows whose the row is.
  'united, then met by a conversion': outside([{ $unionWith: 'orders' }, { $match: conversion }]),
  'united by a pipeline, then met by a conversion': outside([
    united({ pipeline: [{ $sort: { _id: 1 } }] }),
    { $match: conversion },
  ]),
  'united twice, then met by a conversion': outside([
    { $unionWith: { coll: 'customers', pipeline: [{ $unionWith: 'orders' }] } },
    { $match: conversion },
  ]),
  'united, computed, then met': outside([
    { $unionWith: 'orders' },
    { $project: { n: { $toInt: '$item' } } },
    { $match: { n: { $gt: 0 } } },
  ]),
  'joined, unwound, then met by a conversion': outside([
    self({ pipeline: [] }),
    { $unwind: '$found' },
    { $match: conversionOf('$found.item') },
  ]),
  'joined by a field, unwound, then met by a conversion': outside([
    { $addFields: { zero: 0 } },
    self({ localField: 'zero', foreignField: 'price' }),
    { $unwind: '$found' },
    { $match: conversionOf('$found.item') },
  ]),
  'joined in a union, then met by a conversion': outside([
    { $unionWith: { coll: 'customers', pipeline: [self({ pipeline: [] }), { $unwind: '$found' }] } },
    { $match: conversionOf('$found.item') },
  ]),
  'computed, then met': pipeline([{ $project: { n: { $toInt: '$item' } } }, { $match: { n: { $gt: 0 } } }]),
  'made the root, then met': pipeline([
    { $replaceRoot: { newRoot: { n: { $toInt: '$item' } } } },
    { $match: { n: { $gt: 0 } } },
  ]),
  'made a root that is no document': pipeline([{ $replaceRoot: { newRoot: '$item' } }]),
  'redacted by a conversion': pipeline([
    { $redact: { $cond: [{ $gt: [{ $toInt: { $ifNull: ['$item', '1'] } }, 0] }, '$$KEEP', '$$PRUNE'] } },
  ]),
  // Stages that show what they are given, in all their forms.
  'merged into one document': pipeline([{ $replaceWith: { $mergeObjects: ['$$ROOT', { x: '$note' }] } }]),
  'merged in a group': pipeline([{ $group: { _id: null, all: { $mergeObjects: '$$ROOT' } } }]),
  'counted by the field': pipeline([{ $sortByCount: '$secret' }, { $sort: { _id: 1 } }]),
  'grouped by all of it': pipeline([{ $group: { _id: '$$ROOT' } }, { $sort: { _id: 1 } }]),
  'grouped by a computed name': pipeline([
    { $group: { _id: { $getField: { field: computedName, input: '$$ROOT' } } } },
  ]),
  'got by a literal name': shown({ $getField: { $literal: 'secret' } }),
  'got in a document': shown({ $getField: { field: 'inner', input: '$note' } }),
  'got from the current document': shown('$$CURRENT.secret'),
  'got by a variable': shown({ $let: { vars: { r: '$$ROOT' }, in: '$$r.note.inner' } }),
  'set beside others': shown({ $setField: { field: 'x', input: '$$ROOT', value: '$secret' } }),
  'set by a computed name': shown({
    $setField: { field: { $literal: 'secret' }, input: '$$ROOT', value: '$secret' },
  }),
  'unset by another name': shown({ $unsetField: { field: { $literal: 'item' }, input: '$$ROOT' } }),
  'made a list, and a document again': shown({ $arrayToObject: { $objectToArray: '$$ROOT' } }),
  'in a list that is sorted by it': shown({ $sortArray: { input: '$lines', sortBy: { cost: 1 } } }),
  'in a list that is filtered by it': shown({
    $filter: { input: '$lines', cond: { $eq: ['$$this.cost', 4712] } },
  }),
  'in a list that is summed': shown({ $sum: '$lines.cost' }),
  'in a list that is reduced': shown({
    $reduce: { input: '$lines', initialValue: 0, in: { $max: ['$$value', '$$this.cost'] } },
  }),
  'first in the order of it, in a group': pipeline([
    { $group: { _id: null, top: { $top: { output: '$item', sortBy: { salary: 1 } } } } },
  ]),
  'the first of a group': pipeline([
    { $sort: { salary: 1 } },
    { $group: { _id: null, all: { $first: '$$ROOT' } } },
  ]),
  'filled from the row before': pipeline([
    { $fill: { sortBy: { _id: 1 }, output: { secret: { method: 'locf' } } } },
  ]),
  'filled in between': pipeline([{ $densify: { field: 'salary', range: { step: 1, bounds: [1, 3] } } }]),
  'shown in a window': pipeline([
    {
      $setWindowFields: {
        sortBy: { _id: 1 },
        output: { all: { $push: '$$ROOT' }, before: { $shift: { output: '$secret', by: -1 } } },
      },
    },
  ]),
  'put into buckets with bounds': pipeline([
    { $bucket: { groupBy: '$salary', boundaries: [0, 4711, 9999], default: 'none' } },
  ]),
  'put into buckets that show all': pipeline([
    { $bucketAuto: { groupBy: '$_id', buckets: 1, output: { all: { $push: '$$ROOT' } } } },
  ]),
  'projected in a document': pipeline([{ $project: { note: { inner: 1, text: 1 } } }]),
  'projected by leaving out others': pipeline([{ $project: { item: 0 } }]),
  'projected by a place in a list': pipeline([{ $project: { 'lines.0.cost': 1 } }]),
  'unwound with its place': pipeline([{ $unwind: { path: '$lines', includeArrayIndex: 'secret' } }]),
  'sampled from all': pipeline([{ $sample: { size: 100 } }, { $sort: { _id: 1 } }]),
  'matched by text behind others': pipeline([{ $limit: 9 }, { $match: { $text: { $search: 'SESAME' } } }]),
  'matched by a schema': pipeline([{ $match: { $jsonSchema: { required: ['secret'] } } }]),
  'in the middle of documents': pipeline([{ $match: {} }, { $documents: [{ a: '$secret' }] }]),
  'written by a stage in facets': pipeline([{ $facet: { a: [{ $out: 'copy' }] } }]),
  'merged elsewhere in a join': outside([self({ pipeline: [{ $merge: 'copy' }] })]),
  'by JavaScript in a stage': pipeline([
    { $set: { x: { $function: { body: 'function() {}', args: ['$secret'], lang: 'js' } } } },
  ]),
  'by JavaScript in a group': pipeline([
    { $group: { _id: null, x: { $accumulator: { init: '', accumulate: '', merge: '', lang: 'js' } } } },
  ]),
  'by two stages in one': pipeline([{ $match: {}, $unionWith: 'orders' }]),
  'by what a server keeps for itself': pipeline([{ $_internalSplitPipeline: {} }]),
  'by the users of the server': shown('$$USER_ROLES'),
  // Filters in other forms.
  'by a schema in a branch': where({ $or: [{ $jsonSchema: { required: ['secret'] } }, { _id: 99 }] }),
  'by an expression in a branch': where({ $and: [{ $nor: [{ $expr: { $eq: ['$salary', 4711] } }] }] }),
  'by an expression on an element': where({ lines: { $elemMatch: { $expr: { $eq: ['$cost', 4712] } } } }),
  'by a branch in an element': where({ lines: { $elemMatch: { $or: [{ cost: 4712 }, { cost: 1 }] } } }),
  'by the opposite of an element': where({ lines: { $not: { $elemMatch: { cost: 4712 } } } }),
  'by an element of an element': where({ lines: { $elemMatch: { cost: { $elemMatch: { $eq: 4712 } } } } }),
  'by all of its elements': where({ lines: { $all: [{ $elemMatch: { cost: 4712 } }] } }),
  'by a place that begins with zero': where({ 'lines.00.cost': 4712 }),
  'by a place below zero': where({ 'lines.-1.cost': 4713 }),
  'by two places': where({ 'lines.0.0.cost': 4712 }),
  'by a place before its name': where({ '0.secret': 'SESAME-1' }),
  'by its name in capitals': where({ SECRET: 'SESAME-1' }),
  'by its name with a blank': where({ 'secret ': 'SESAME-1' }),
  'by its name in full width': where({ ｓｅｃｒｅｔ: 'SESAME-1' }),
  'by its name behind a dot': where({ '.secret': 'SESAME-1' }),
  'by its name behind a dollar': where({ $secret: 'SESAME-1' }),
  'by the name of its document twice': where({ 'note.note.inner': 'SESAME-2' }),
  'by a comment': where({ $comment: { $expr: { $eq: ['$secret', 'SESAME-1'] } } }),
  'by its type among others': where({ salary: { $type: ['int', 'double'] } }),
  'by its size': where({ lines: { $size: 2 }, 'lines.cost': { $gt: 0 } }),
  'by a reference': where({ note: { $ref: 'x', $id: 1 } }),
  'by a conversion of a part': expr({ $toInt: '$note.inner' }),
  'by the index of a list': expr({ $gt: [{ $arrayElemAt: ['$lines.cost', 0] }, 4711] }),
  'counted by a schema alone': counting({ $jsonSchema: { properties: { salary: { minimum: 4711 } } } }),
  'counted by an element': counting({ lines: { $elemMatch: { cost: 4712 } } }),
  'counted by a conversion of another row': counting(conversion),
  'in an order that is computed': bySort({ secret: { $meta: 'textScore' } }),
  'in the order of a place': bySort({ 'lines.0.cost': 1 }),
  'in the order in which it was stored': bySort({ $natural: -1 }),
  // Projections and distinct values in other forms.
  'shown at a position in a name': project({ 'lines.0.cost': 1 }),
  'shown in a document': project({ note: { inner: 1, text: 1 } }),
  'shown by what was matched': find({
    filter: { lines: { $elemMatch: { cost: 4712 } } },
    projection: { 'lines.$': 1 },
  }),
  'shown by an element among others': project({ item: 1, lines: { $elemMatch: { sku: 'k' } } }),
  'shown by a computed name': project({ shown: { $getField: { field: computedName, input: '$$ROOT' } } }),
  'shown by a flag that is null': project({ secret: null }),
  'shown by a flag that is text': project({ secret: 'yes' }),
  'shown under its own name': project({ secret: '$secret' }),
  'distinct values behind a place': distinct('lines.0.cost'),
  'distinct values behind two places': distinct('lines.0.0.cost'),
  'distinct values behind a zero': distinct('lines.00.cost'),
  'distinct values before a place': distinct('secret.0'),
  'distinct values of a name with a dot': distinct('note.'),
  'distinct values of a name behind a dot': distinct('.secret'),
  'distinct values behind a dollar': distinct('$secret'),
  'distinct values by a conversion of another row': distinct('price', conversion),
  // Names of collections in other forms.
  'of the vault in capitals': of('VAULT'),
  'of the vault with a blank': of('vault '),
  'of the vault with a dot': of('.vault'),
  'of the vault with a null byte': of('vault\0'),
  'of the vault in full width': of('ｖａｕｌｔ'),
  'of the vault by a path': of('orders/../vault'),
  'of orders in capitals': of('ORDERS'),
  'of orders with a null byte': of('orders\0'),
  'of the store of its own': of('system.buckets.orders'),
  'united with orders in capitals': outside([{ $unionWith: 'ORDERS' }]),
  'united with orders behind a database': outside([{ $unionWith: 'main.orders' }]),
  'joined from the vault with a null byte': outside([self({ from: 'vault\0', pipeline: [] })]),
  'joined from nothing': outside([self({ from: '', pipeline: [] })]),
  // Changes.
  'given away by a pipeline': update({ update: [{ $set: { tenant: 'b' } }] }),
  'replaced by a pipeline': update({ update: [{ $replaceWith: { _id: '$_id', tenant: 'b' } }] }),
  'given away by taking the field': update({ update: { $unset: { tenant: '' } } }),
  'given away by a list of names': update({ update: { $unset: ['tenant'] } }),
  'given away by a lone name': update({ update: { $unset: 'tenant' } }),
  'given away by a list of documents': update({ update: { $set: [{ tenant: 'b' }] } }),
  'given away behind another operator': update({ update: { $set: { hit: 1 }, tenant: 'b' } }),
  'given away beside a name that is no operator': update({ update: { tenant: 'b', $set: { hit: 1 } } }),
  'given away by what is no operator': update({ update: { $replaceWith: { tenant: 'b' } } }),
  'given away by a name': update({ update: { $rename: { tenant: 'x' } } }),
  'given away by another field': update({ update: { $rename: { item: 'tenant' } } }),
  'given away by a part': update({ update: { $set: { 'tenant.x': 'b' } } }),
  'given away by the greater': update({ update: { $max: { tenant: 'b' } } }),
  'given away beside others': update({ update: { $set: { hit: 1 }, $push: { tenant: 'b' } } }),
  'given away by a replacement': update({ many: false, update: { tenant: 'b' } }),
  'planted if missing': update({
    filter: { _id: 77 },
    update: { $set: { tenant: 'b' } },
    upsert: true,
  }),
  'planted if missing, by the filter': update({ filter: { _id: 77, tenant: 'b' }, upsert: true }),
  'planted when it is made': update({
    filter: { _id: 77 },
    update: { $setOnInsert: { tenant: 'b' } },
    upsert: true,
  }),
  'changed by a schema': update({ filter: { $jsonSchema: { required: ['secret'] } } }),
  'changed by an element': update({ filter: { lines: { $elemMatch: { cost: 4712 } } } }),
  'changed by a place': update({ filter: { 'lines.0.cost': 4712 } }),
  'changed in a place': update({ update: { $set: { 'lines.0.cost': 1 } } }),
  'changed in each place': update({ update: { $set: { 'lines.$[].cost': 1 } } }),
  'changed in elements by what they are': update({
    update: { $set: { 'lines.$[e].hit': 1 } },
    arrayFilters: [{ e: { sku: 'k', cost: 4712 } }],
  }),
  'changed in elements by an expression': update({
    update: { $set: { 'lines.$[e].hit': 1 } },
    arrayFilters: [{ 'e.sku': 'k', $expr: { $eq: ['$cost', 4712] } }],
  }),
  'taken from a list by all it is': update({ update: { $pullAll: { lines: [{ sku: 'k', cost: 4712 }] } } }),
  'taken from the end of a list': update({ update: { $pop: { lines: 1 } } }),
  'added to a list once': update({ update: { $addToSet: { lines: { sku: 'k', cost: 4712 } } } }),
  'sorted in its list': update({ update: { $push: { lines: { $each: [], $sort: { cost: 1 } } } } }),
  'multiplied by nothing': update({ update: { $mul: { salary: 0 } } }),
  'compared by bits': update({ update: { $bit: { salary: { or: 1 } } } }),
  dated: update({ update: { $currentDate: { secret: true } } }),
  'changed by a conversion of a field': update({ filter: { $expr: { $gt: [{ $toInt: '$secret' }, 0] } } }),
  'deleted by a schema': remove({ $jsonSchema: { required: ['secret'] } }),
  'deleted by an element': remove({ lines: { $elemMatch: { cost: 4712 } } }),
  'deleted by a conversion of another row': remove(conversion),
  'deleted by the _id of another': remove({ _id: { $in: [0, 2] } }),
  'written in a document': insert({ _id: 8, note: { inner: 'x' } }),
  'written in a list': insert({ _id: 8, lines: [[{ cost: 1 }]] }),
  'written without the field': insert({ _id: 8, tenant: null }),
  dropped: (store, database) =>
    store.apply({ kind: 'drop_collection', ...orders(database) }, { maxDocuments: 100 }, readerCall()),
  'dropped as an index': (store, database) =>
    store.apply(
      { kind: 'drop_index', ...orders(database), name: 'secret_1' },
      { maxDocuments: 100 },
      readerCall(),
    ),
};
