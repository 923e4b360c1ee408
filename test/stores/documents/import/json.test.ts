import { gzipSync } from 'node:zlib';
import { BSONRegExp, Decimal128, Double, Long, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import { importFile } from '../../../../src/stores/documents/import/import.ts';
import { testCall } from '../../../support/call.ts';
import { useStore, withoutIds } from './support.ts';

const bench = useStore();

test.each([
  ['an array', 'x.json', '[{"a":1},\n {"a":[{"b":"]}\\""}]}]', [{ a: 1 }, { a: [{ b: ']}"' }] }]],
  ['one document over several lines', 'x.json', '{\n "a": 1\n}\n', [{ a: 1 }]],
  ['documents one behind the other', 'x.json', '{"a":1}{"a":2}\n{"a":3}', [{ a: 1 }, { a: 2 }, { a: 3 }]],
  ['lines, the last without an end', 'x.jsonl', '{"a":1}\r\n\n{"a":2}', [{ a: 1 }, { a: 2 }]],
  ['lines behind a byte order mark', 'x.ndjson', '\uFEFF{"a":1}\n', [{ a: 1 }]],
  ['an array behind a byte order mark', 'x.json', '\uFEFF[{"a":1}]', [{ a: 1 }]],
])('%s is read', async (_what, name, text, documents) => {
  const { file, bring, things } = await bench();
  expect((await bring(await file(name, text))).inserted).toBe(documents.length);
  expect(withoutIds(await things())).toEqual(documents);
});

test('both forms of Extended JSON give the types they name, and numbers keep their digits', async () => {
  const { file, bring, things } = await bench();
  const canonical =
    '{"_id":{"$oid":"65f0a0a0a0a0a0a0a0a0a0a0"},"n":{"$numberLong":"1"},"d":{"$numberDouble":"2.0"}}';
  const relaxed =
    '{"_id":1,"n":9007199254740993,"d":2.0,"m":{"$numberDecimal":"1.10"},"at":{"$date":"2026-01-31T00:00:00Z"}}';
  await bring(await file('x.jsonl', `${canonical}\n${relaxed}\n`));
  expect(await things()).toEqual([
    { _id: new ObjectId('65f0a0a0a0a0a0a0a0a0a0a0'), n: Long.fromNumber(1), d: new Double(2) },
    {
      _id: 1,
      n: Long.fromString('9007199254740993'),
      d: new Double(2),
      m: Decimal128.fromString('1.10'),
      at: new Date('2026-01-31'),
    },
  ]);
});

test('an import says which documents have a name twice, of which the last value counts', async () => {
  const { file, bring, things } = await bench();
  const { notes } = await bring(await file('x.jsonl', '{"_id":1,"a":1,"a":2}\n{"_id":2,"b":{"c":1}}\n'));
  expect(notes).toEqual(['1 document has a name twice in one object: the last value counts (line 1)']);
  expect(await things()).toEqual([
    { _id: 1, a: 2 },
    { _id: 2, b: { c: 1 } },
  ]);
});

test('an import says how many numbers lost digits', async () => {
  const { file, bring } = await bench();
  const text =
    '[{"n":9007199254740993.0,"m":[9007199254740993,0.1,1e20]},{"n":1e-3,"m":1234567890123456789e3}]';
  const { notes } = await bring(await file('x.json', text));
  expect(notes).toEqual([
    '2 documents had 2 numbers of more digits than a double holds, some of which are lost: {"$numberDecimal":"…"} keeps them (items 1, 2)',
  ]);
});

test('a packed file is read as what is in it', async () => {
  const { file, bring, things } = await bench();
  await bring(await file('x.json.gz', gzipSync('[{"_id":1},{"_id":2}]')));
  expect(await things()).toEqual([{ _id: 1 }, { _id: 2 }]);
});

test('a packed file that is cut off is an error, not an end', async () => {
  const { file, bring } = await bench();
  const packed = gzipSync('{"_id":1}\n'.repeat(1_000));
  await expect(bring(await file('x.jsonl.gz', packed.subarray(0, 30)))).rejects.toThrow(
    /incomplete or damaged/,
  );
});

test.each([
  ['a broken line', 'x.jsonl', '{"_id":1}\n{"_id":2}\n{"_id":', /^Line 3 is not valid JSON/],
  [
    'an array that does not end',
    'x.json',
    '[{"_id":1},{"_id":2}',
    /ends inside its array, after 1 complete document\./,
  ],
  [
    'a document that does not end',
    'x.json',
    '{"_id":1}{"_id":2}{"_id"',
    /ends inside a document, after 2 complete documents\./,
  ],
  ['a comma too many', 'x.json', '[{"_id":1},{"_id":2},]', /^Item 3 is not valid JSON/],
  [
    'a comma that is missing',
    'x.json',
    '[{"_id":1},{"_id":2},{"_id":3} {"_id":4}]',
    /^Item 3 is not valid JSON/,
  ],
  ['text behind the array', 'x.json', '[{"_id":1},{"_id":2}] x', /something follows its array/],
  [
    'Latin-1',
    'x.jsonl',
    Buffer.from('{"_id":1}\n{"_id":2}\n{"_id":"\xe4"}', 'latin1'),
    /^Line 3 is not UTF-8/,
  ],
  [
    'a type that is none',
    'x.jsonl',
    '{"_id":1}\n{"_id":2}\n{"_id":{"$oid":"x"}}',
    /^Line 3 is not valid Extended/,
  ],
  [
    'an _id that cannot be one',
    'x.jsonl',
    '{"_id":1}\n{"_id":2}\n{"_id":[3]}\n{"_id":4}',
    /^Line 3: An _id cannot/,
  ],
])('%s is refused with its place, and what was before it stays', async (_what, name, text, message) => {
  const { file, bring, things } = await bench();
  const failure: unknown = await bring(await file(name, text)).catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: expect.stringMatching(message) });
  const kept = await things();
  expect([{ _id: 1 }, { _id: 2 }]).toEqual(expect.arrayContaining([...kept]));
  expect(failure).toMatchObject({
    message: expect.stringMatching(/The (document before it has|\d documents before it have) been imported/),
  });
});

test.each([
  ['an item that is no object', 'x.json', '[2]', /^Item 1 is not a JSON object/],
  ['a text that is no document', 'x.json', 'hello', /not valid JSON documents/],
  ['another format', 'x.xml', '<a/>', /must be one of \.json, \.jsonl/],
])('%s is refused', async (_what, name, text, message) => {
  const { file, bring } = await bench();
  await expect(bring(await file(name, text))).rejects.toThrow(message);
});

test('a unique value that is there already is refused with its place', async () => {
  const { file, bring, things, store, database } = await bench();
  await bring(await file('first.jsonl', '{"_id":0}'));
  const index = { database, collection: 'things', key: { code: 1 }, unique: true };
  await store.createIndex(index, testCall());
  const path = await file('x.jsonl', '{"_id":1,"code":1}\n{"_id":2,"code":2}\n{"_id":3,"code":1}\n{"_id":4}');
  await expect(bring(path)).rejects.toThrow(/^Line 3: .*code.* The 2 documents before it have been imported/);
  expect(await things()).toMatchObject([{ _id: 0 }, { _id: 1 }, { _id: 2 }]);
});

test('a document without _id gets one from its content: a repeated import doubles nothing', async () => {
  const { file, bring, things } = await bench();
  const path = await file('x.jsonl', '{"a":1}\n{"a":1}\n{"a":2}\n');
  expect(await bring(path)).toMatchObject({ inserted: 3 });
  const before = await things();
  expect(new Set(before.map(({ _id }) => String(_id))).size).toBe(3);
  expect(await bring(path)).toMatchObject({ inserted: 0, unchanged: 3 });
  expect(await things()).toEqual(before);
});

test('ids made from content are the same in every version of the program', async () => {
  const { file, bring, things } = await bench();
  await bring(await file('x.jsonl', '{"a":1}\n{"a":1}\n'));
  expect((await things()).map(({ _id }) => String(_id))).toEqual([
    '71266eda69e353651a7a4a63',
    '54998ab9de65607b95191f98',
  ]);
});

test('_id is stored first, wherever it stood', async () => {
  const { file, bring, things } = await bench();
  await bring(await file('x.jsonl', '{"a":1,"_id":7}'));
  expect(Object.keys((await things())[0] ?? {})).toEqual(['_id', 'a']);
});

test('an import that is cancelled leaves whole documents, and can be repeated', async () => {
  const { file, bring, things } = await bench();
  const lines = Array.from({ length: 20_000 }, (_, n) => `{"_id":${n},"text":"${'x'.repeat(50)}"}`);
  const path = await file('x.jsonl', lines.join('\n'));
  const controller = new AbortController();
  const call = testCall({ signal: controller.signal, progress: () => controller.abort() });
  await expect(bring(path, {}, call)).rejects.toMatchObject({
    code: 'cancelled',
    message: expect.stringMatching(
      /^The import was cancelled\. What was written so far \(at least [\d,]+ documents\) stays; it can be repeated\.$/,
    ),
  });
  const kept = (await things()).length;
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(20_000);
  expect(await bring(path)).toMatchObject({ inserted: 20_000 - kept, unchanged: kept });
});

test('--drop empties the collection, but not for a file that is broken', async () => {
  const { file, bring, things } = await bench();
  await bring(await file('old.jsonl', '{"_id":1}'));
  const broken = await file('broken.jsonl', '{"_id":2}\n{');
  await expect(bring(broken, { drop: true })).rejects.toThrow(/Line 2/);
  expect(await things()).toEqual([{ _id: 1 }]);
  await bring(await file('new.jsonl', '{"_id":3}'), { drop: true });
  expect(await things()).toEqual([{ _id: 3 }]);
});

test('--upsert replaces the document with the same value of a field, which keeps its _id', async () => {
  const { file, bring, things } = await bench();
  await bring(await file('old.jsonl', '{"_id":1,"code":"a","n":1}\n{"_id":2,"code":"b"}'));
  const report = await bring(await file('new.jsonl', '{"code":"a","n":2}\n{"code":"c"}'), {
    upsertKey: 'code',
  });
  expect(report).toMatchObject({ inserted: 1, replaced: 1 });
  expect(await things()).toMatchObject([{ _id: 1, code: 'a', n: 2 }, { _id: 2 }, { code: 'c' }]);
});

test('progress counts megabytes of the file, with documents and their rate', async () => {
  const { file, bring } = await bench();
  const seen: { done: number; total?: number; message?: string }[] = [];
  const path = await file('x.jsonl', `{"text":"${'x'.repeat(200_000)}"}`);
  await bring(path, {}, testCall({ progress: (progress) => seen.push(progress) }));
  expect(seen.at(-1)).toEqual({
    done: 0.2,
    total: 0.2,
    message: expect.stringMatching(/^MB of things: 1 documents, [\d,]+\/s$/),
  });
});

test('a regular expression as older programs write it is one; a stored query with an operator stays what it is', async () => {
  const { file, bring, things } = await bench();
  const stored = '{"$regex":{"$regularExpression":{"pattern":"b","options":""}},"$options":"i"}';
  const text = `{"_id":1,"a":[{"$regex":"^x","$options":"mi"}],"b":{"$regex":"y"},"c":${stored}}`;
  await bring(await file('x.json', text));
  expect(await things()).toEqual([
    {
      _id: 1,
      a: [new BSONRegExp('^x', 'im')],
      b: { $regex: 'y' },
      c: { $regex: new BSONRegExp('b', ''), $options: 'i' },
    },
  ]);
});

test.each([
  ['constructors', 'x.json', '[{ "_id": ObjectId("65f0a0a0a0a0a0a0a0a0a0a0") }]'],
  ['names without quotation marks', 'x.jsonl', "{ name: 'Ada' }"],
  ['single quotation marks', 'x.json', "[{'a': 1}]"],
  ['dates', 'x.jsonl', '{"at": ISODate("2026-01-31T00:00:00Z")}'],
  ['long numbers', 'x.json', '{"n": NumberLong("1")}'],
  ['a comment above', 'x.json', '// all orders\n[{"a":1}]'],
  ['a comment between', 'x.json', '[{"a":1, /* more */ "b":2}]'],
])('what mongosh prints is refused, and how to export is told: %s', async (_what, name, text) => {
  const { file, bring } = await bench();
  await expect(bring(await file(name, text))).rejects.toThrow(
    /what mongosh prints.*mongoexport .*EJSON\.stringify/,
  );
});

test('other broken JSON is not taken for that of mongosh', async () => {
  const { file, bring } = await bench();
  await expect(bring(await file('x.jsonl', '{"url":"https://x.example/a b",}'))).rejects.toThrow(
    /^(?!.*mongosh).*Line 1 is not valid JSON/,
  );
});

const point = (n: number): string =>
  `{"type":"Feature","properties":{"n":${n}},"geometry":{"type":"Point","coordinates":[${n}.5,50]}}`;

test.each([
  [
    'a collection',
    `{"type":"FeatureCollection","name":"features","bbox":[1,2],"features":[${point(1)},\n${point(2)}],"crs":{}}`,
    2,
  ],
  [
    'a collection with a member of that name elsewhere',
    `{"a":{"features":[1]},"features" : [${point(1)}]}`,
    1,
  ],
  ['features a line each', `${point(1)}\n${point(2)}\n${point(3)}\n`, 3],
])('GeoJSON: each feature of %s is a document', async (_what, text, count) => {
  const { file, bring, things } = await bench();
  expect((await bring(await file('x.geojson', text))).inserted).toBe(count);
  for (const document of await things())
    expect(document).toMatchObject({ type: 'Feature', geometry: { type: 'Point' } });
});

test('GeoJSON that is cut off is an error, with the feature', async () => {
  const { file, bring } = await bench();
  const text = `{"type":"FeatureCollection","features":[${point(1)},{"type"`;
  await expect(bring(await file('x.geojson', text))).rejects.toThrow(/ends inside its array, after 1/);
});

test('JSON in UTF-16, and in an encoding that is told', async () => {
  const { file, bring, things } = await bench();
  await bring(await file('x.jsonl', Buffer.from('\ufeff{"_id":"ü"}\n', 'utf16le')));
  await bring(await file('y.json', Buffer.from('[{"_id":"\xe4"}]', 'latin1')), { encoding: 'windows-1252' });
  expect(await things()).toEqual([{ _id: 'ü' }, { _id: 'ä' }]);
  await expect(bring(await file('z.json', Buffer.from('[{"_id":"\xe4"}]', 'latin1')))).rejects.toThrow(
    /Item 1 is not UTF-8 text: set the encoding with --encoding/,
  );
});

const huge = '{"_id":2,"lines":[{"nr":12345678901234567890}]}';

test.each([
  ['an array', 'x.json', `[{"_id":1},${huge},{"_id":3}]`, 'item 2'],
  ['lines', 'x.ndjson', `{"_id":1}\n${huge}\n{"_id":3}\n`, 'line 2'],
  ['GeoJSON', 'x.geojson', `{"features":[{"_id":1},${huge},{"_id":3}]}`, 'feature 2'],
])(
  'a number that no type holds refuses its document only, by field and place: %s',
  async (_what, name, text, at) => {
    const { file, bring, things } = await bench();
    const { inserted, refused, notes } = await bring(await file(name, text));
    expect(await things()).toEqual([{ _id: 1 }, { _id: 3 }]);
    expect({ inserted, refused }).toEqual({ inserted: 2, refused: 1 });
    expect(notes).toEqual([
      `1 document is refused (${at}) for "lines.0.nr": the number 12345678901234567890 is beyond 64 bits: write {"$numberDecimal":"12345678901234567890"}, or text`,
    ]);
  },
);

test('several refused documents are one note', async () => {
  const { file, bring } = await bench();
  const { notes } = await bring(await file('x.json', '[{"n":1e999},{},{"m":12345678901234567890}]'));
  expect(notes).toEqual([
    expect.stringMatching(/^2 documents are refused \(items 1, 3\), the first for "n": the number 1e999 is/),
  ]);
});

test('--drop keeps what is there for a file with a refused document', async () => {
  const { file, bring, things } = await bench();
  await bring(await file('old.jsonl', '{"_id":9}'));
  await expect(bring(await file('x.json', `[{"_id":1},${huge}]`), { drop: true })).rejects.toThrow(
    /^Item 2, "lines\.0\.nr": the number/,
  );
  expect(await things()).toEqual([{ _id: 9 }]);
});

test.each([
  ['an empty file', 'x.json', ''],
  ['an empty array', 'x.json', ' [ ]\n'],
  ['no line', 'x.jsonl', '\n'],
  ['no feature', 'x.geojson', '{"type":"FeatureCollection","features":[]}'],
  ['a header only', 'x.csv', 'a,b\n'],
  ['nothing but a refused document', 'x.json', `[${huge}]`],
])('a file that gives no document makes no collection: %s', async (_what, name, text) => {
  const { file, bring, things } = await bench();
  for (const drop of [false, true]) {
    expect((await bring(await file(name, text), { drop })).inserted).toBe(0);
    await expect(things()).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('a file whose first document is refused by the store makes no collection', async () => {
  const { file, bring, things } = await bench();
  await expect(bring(await file('x.jsonl', '{"_id":[1]}\n{"_id":2}'))).rejects.toThrow(/^Line 1: An _id/);
  await expect(things()).rejects.toMatchObject({ code: 'not_found' });
});

test('with --drop, a file without documents empties the collection', async () => {
  const { file, bring, things } = await bench();
  await bring(await file('old.jsonl', '{"_id":9}'));
  await bring(await file('x.json', '[]'), { drop: true });
  expect(await things()).toEqual([]);
});

test('a name that no collection can have is not the fault of a line', async () => {
  const { file, bring, things, store, database } = await bench();
  const path = await file('x.jsonl', '{"a":1}');
  const named = { database, collection: '$x' };
  await expect(importFile(store, named, path, { drop: false }, testCall())).rejects.toThrow(
    /^A new collection cannot be named "\$x"/,
  );
  await bring(path);
  expect(await things()).toHaveLength(1);
});
