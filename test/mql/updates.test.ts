import { Decimal128, Double, Long, ObjectId, Timestamp } from 'bson';
import { describe, expect, test } from 'vitest';
import type { UpdateOptions } from '../../src/mql/index.ts';
import {
  applyUpdate,
  compileReplacement,
  compileUpdate,
  type Document,
  prepareInsert,
} from '../../src/mql/index.ts';

const updated = (doc: Document, update: Document | Document[], options: UpdateOptions = {}) =>
  applyUpdate(doc, update, options).document;

describe('an update changes a document', () => {
  test.each<[string, Document, Document, Document]>([
    [
      '$push at a position from the end',
      { a: [1, 2] },
      { $push: { a: { $each: [5], $position: -1 } } },
      { a: [1, 5, 2] },
    ],
    ['$push of nothing sorts', { a: [3, 1] }, { $push: { a: { $each: [], $sort: 1 } } }, { a: [1, 3] }],
    [
      '$pull of documents by a condition',
      { a: [{ b: 1 }, { b: 2 }] },
      { $pull: { a: { b: 1 } } },
      { a: [{ b: 2 }] },
    ],
    ['$pull of a whole array', { a: [[1, 2], [3]] }, { $pull: { a: [3] } }, { a: [[1, 2]] }],
    ['$[] at two levels', { a: [[1, 2], [3]] }, { $inc: { 'a.$[].$[]': 1 } }, { a: [[2, 3], [4]] }],
    ['$rename into a new document', { a: 1 }, { $rename: { a: 'b.c' } }, { b: { c: 1 } }],
    ['$min with types in BSON order', { a: 'x' }, { $min: { a: 5 } }, { a: 5 }],
    ['$mul of an int by a Long', { a: 2 }, { $mul: { a: Long.fromNumber(3) } }, { a: Long.fromNumber(6) }],
    ['$inc of a double keeps it a double', { a: 1.5 }, { $inc: { a: 0.5 } }, { a: new Double(2) }],
    [
      '$inc of nothing',
      {},
      { $inc: { a: Decimal128.fromString('1.5') } },
      { a: Decimal128.fromString('1.5') },
    ],
  ])('%s', (_name, doc, update, expected) => {
    expect(updated(doc, update)).toEqual(expected);
  });

  test('$[identifier] changes the elements its filter matches', () => {
    const doc = { a: [{ b: 1 }, { b: 2 }] };
    const options = { arrayFilters: [{ 'item.b': { $gt: 1 } }] };
    expect(updated(doc, { $set: { 'a.$[item].b': 9 } }, options)).toEqual({ a: [{ b: 1 }, { b: 9 }] });
  });

  test('array filters look at the elements as they were before the update', () => {
    const doc = { a: [{ b: 1, c: 1 }] };
    const options = { arrayFilters: [{ 'x.b': 1 }, { 'y.b': 1 }] };
    const update = { $set: { 'a.$[x].b': 5 }, $inc: { 'a.$[y].c': 1 } };
    expect(updated(doc, update, options)).toEqual({ a: [{ b: 5, c: 2 }] });
  });

  test('two array filters may match different elements', () => {
    const options = { arrayFilters: [{ x: 1 }, { y: 2 }] };
    const update = { $set: { 'a.$[x]': 'one', 'a.$[y]': 'two' } };
    expect(updated({ a: [1, 2, 3] }, update, options)).toEqual({ a: ['one', 'two', 3] });
  });

  test('$ changes the element that the filter matched', () => {
    expect(updated({ a: [5, 7] }, { $set: { 'a.$': 0 } }, { filter: { a: { $gt: 6 } } })).toEqual({
      a: [5, 0],
    });
  });

  test('$currentDate takes the time of the call', () => {
    const now = new Date('2024-01-02T03:04:05Z');
    const update = { $currentDate: { d: true, t: { $type: 'timestamp' } } };
    expect(updated({}, update, { now })).toEqual({ d: now, t: new Timestamp({ t: 1704164645, i: 1 }) });
  });

  test('a pipeline that makes a new document keeps the _id', () => {
    expect(updated({ _id: 1, a: 1 }, [{ $replaceWith: { x: '$a' } }])).toEqual({ _id: 1, x: 1 });
  });

  test('the document given is not changed', () => {
    const doc = { a: { b: [1] } };
    updated(doc, { $push: { 'a.b': 2 } });
    expect(doc).toEqual({ a: { b: [1] } });
  });

  test('a change to the same value modifies nothing, one of the type does', () => {
    expect(applyUpdate({ a: 1 }, { $set: { a: 1 } }).modified).toBe(false);
    expect(applyUpdate({ a: 1 }, { $set: { a: new Double(1) } }).modified).toBe(true);
  });
});

describe('an update is refused with a reason', () => {
  test.each<[string, Document, Document | Document[], RegExp, UpdateOptions?]>([
    ['another _id', { _id: 1 }, { $set: { _id: 2 } }, /"_id", which cannot change/],
    ['no _id', { _id: 1 }, { $unset: { _id: '' } }, /"_id", which cannot change/],
    ['two changes of one path', {}, { $set: { a: 1 }, $inc: { a: 1 } }, /changes "a" and "a"/],
    ['a change within a change', {}, { $set: { a: 1, 'a.b': 1 } }, /changes "a" and "a\.b"/],
    ['a misspelt operator', {}, { $pussh: { a: 1 } }, /\$pussh.*\$push/],
    [
      '$ without a condition on the array',
      { a: [1] },
      { $set: { 'a.$': 1 } },
      /needs a condition on that array/,
    ],
    ['$[] of what is missing', {}, { $set: { 'a.$[]': 1 } }, /"a" must exist/],
    ['an identifier without a filter', { a: [] }, { $set: { 'a.$[x]': 1 } }, /no filter for "x"/],
    [
      'an unused filter',
      { a: [] },
      { $set: { 'a.$[]': 1 } },
      /"x" is not used/,
      { arrayFilters: [{ x: 1 }] },
    ],
    [
      'two positional $ in one path',
      { a: [{ b: [5] }] },
      { $set: { 'a.$.b.$': 1 } },
      /more than one positional \$/,
      { filter: { 'a.b': 5 } },
    ],
    [
      'two array filters that match one element',
      { a: [1, 5] },
      { $set: { 'a.$[x]': 0, 'a.$[y]': 9 } },
      /changes "a\.1" and "a\.1"/,
      { arrayFilters: [{ x: 5 }, { y: { $gt: 2 } }] },
    ],
    [
      '$[] beside a filter that matches',
      { a: [{ b: 1 }] },
      { $set: { 'a.$[].b': 0, 'a.$[x]': 9 } },
      /changes "a\.0" and "a\.0\.b"/,
      { arrayFilters: [{ 'x.b': 1 }] },
    ],
    ['$[] beside an index', { a: [1, 2] }, { $set: { 'a.$[]': 0, 'a.1': 9 } }, /conflicts at "a"/],
    [
      '$ beside the index that it stands for',
      { a: [1, 2] },
      { $set: { 'a.$': 0, 'a.1': 9 } },
      /changes "a\.1" and "a\.1"/,
      { filter: { a: 2 } },
    ],
    ['a stage that may not be there', {}, [{ $match: {} }], /\$match is not allowed in an update/],
    ['a long that overflows', { a: Long.MAX_VALUE }, { $inc: { a: 1 } }, /range of a long/],
    ['$rename through an array', { a: [{ b: 1 }] }, { $rename: { 'a.b': 'c' } }, /cannot traverse an array/],
  ])('%s', (_name, doc, update, message, options) => {
    expect(() => applyUpdate(doc, update, options)).toThrow(message);
  });

  test('an update without operators is no update', () => {
    expect(() => compileUpdate({ a: 1 })).toThrow(/needs operators.*\$set/);
  });

  test('a replacement with operators is no replacement', () => {
    expect(() => compileReplacement({ $set: { a: 1 } })).toThrow(/no operators such as \$set/);
  });
});

describe('an upsert', () => {
  const inserted = (filter: Document, update: Document) => compileUpdate(update, { filter }).insert();

  test('begins with what the filter says is equal', () => {
    const filter = { _id: 1, 'a.b': 2, c: { $gt: 5 }, $and: [{ d: { $eq: 3 } }, { e: { $in: [4] } }] };
    expect(inserted(filter, { $set: { c: 9 } })).toEqual({ _id: 1, a: { b: 2 }, d: 3, e: 4, c: 9 });
  });

  test('makes an ObjectId that comes first', () => {
    const doc = inserted({ a: 1 }, { $setOnInsert: { b: 2 } });
    expect(Object.keys(doc)).toEqual(['_id', 'a', 'b']);
    expect(doc['_id']).toBeInstanceOf(ObjectId);
  });

  test('cannot begin with two values of one field', () => {
    expect(() => inserted({ a: 1, $and: [{ a: 2 }] }, { $set: { b: 1 } })).toThrow(/two things about "a"/);
  });

  test.each<[Document, Document]>([
    [{ $or: [{ a: 1 }, { a: 1 }] }, { a: 1 }],
    [{ $or: [{ a: 1 }, { a: 2 }] }, {}],
    [{ a: { $in: [1, 1] } }, { a: 1 }],
    [{ a: { $in: [1, 2] } }, {}],
    [{ a: { $all: [1, 1, /x/] } }, { a: 1 }],
    [{ a: { $all: [{ $elemMatch: { b: 1 } }] } }, {}],
  ])('from %j begins with %j', (filter, start) => {
    expect(inserted({ _id: 0, ...filter }, { $set: { b: 1 } })).toEqual({ _id: 0, ...start, b: 1 });
  });

  test('cannot begin with all of several values of one field', () => {
    expect(() => inserted({ a: { $all: [1, 2] } }, { $set: { b: 1 } })).toThrow(/two things about "a"/);
  });

  test('of a replacement needs all of the _id', () => {
    const replacement = compileReplacement({ v: 1 }, { filter: { '_id.a': 3 } });
    expect(() => replacement.insert()).toThrow(/all of "_id", not "_id.a"/);
  });

  test('of a replacement takes only the _id of the filter', () => {
    expect(compileReplacement({ v: 1 }, { filter: { _id: 3, k: 1 } }).insert()).toEqual({ _id: 3, v: 1 });
  });
});

describe('an insert', () => {
  test('puts the _id first', () => {
    expect(Object.keys(prepareInsert({ a: 1, _id: 2 }))).toEqual(['_id', 'a']);
  });

  test('refuses an _id that is an array', () => {
    expect(() => prepareInsert({ _id: [1] })).toThrow(/_id cannot be of type array/);
  });
});
