import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Binary, Decimal128, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import { encode } from '../../../../src/mql/index.ts';
import { joinBson } from '../../../../src/stores/documents/bson-sequence.ts';
import { importPaths } from '../../../../src/stores/documents/import/import-path.ts';
import { testCall } from '../../../support/call.ts';
import { type Bench, useStore } from './support.ts';

const bench = useStore();

const options = {
  drop: false,
  own: { dataDirectory: '/nowhere', files: [] },
  readSheets: () => Promise.resolve([]),
};

const orders = [
  { _id: new ObjectId('65f0a0a0a0a0a0a0a0a0a0a0'), n: 1, price: Decimal128.fromString('1.10') },
  { _id: 2, bytes: new Binary(Uint8Array.of(1, 2), 4) },
];
const indexes = [
  { v: 2, key: { _id: { $numberInt: '1' } }, name: '_id_' },
  { v: 2, key: { n: { $numberInt: '-1' } }, name: 'n_-1' },
  { v: 2, key: { code: 1 }, name: 'code_1', unique: true, partialFilterExpression: { code: { $gt: 1 } } },
  { v: 2, key: { at: 1 }, name: 'at_1', expireAfterSeconds: 60 },
  { v: 2, key: { text: 'text' }, name: 'text_text' },
];
const metadata = JSON.stringify({ indexes, uuid: '1f', collectionName: 'orders', type: 'collection' });

async function dumped(at: Bench, database = 'shop'): Promise<string> {
  const folder = join(at.directory, 'dump', database);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'orders.bson'), joinBson(orders));
  await writeFile(join(folder, 'orders.metadata.json'), metadata);
  return join(at.directory, 'dump');
}

const brought = ({ store, database }: Bench, path: string) =>
  importPaths(store, [path], { database }, options, testCall());

test('a dump is imported with its collections, bytes and indexes; what cannot be is named', async () => {
  const at = await bench();
  const { imported } = await brought(at, await dumped(at));
  expect(imported).toMatchObject([{ collection: 'orders', inserted: 2, indexes: 2 }]);
  expect(await at.things('orders')).toEqual(orders);
  const made = await at.store.indexes({ database: at.database, collection: 'orders' }, testCall());
  expect(made.map(({ name, key }) => [name, key])).toEqual([
    ['_id_', { _id: 1 }],
    ['n_-1', { n: -1 }],
    ['at_1', { at: 1 }],
  ]);
  expect(imported[0]?.notes).toEqual([
    expect.stringMatching(/"code_1" of orders not created: partialFilterExpression .* is not supported/),
    expect.stringMatching(/"at_1" of orders created without expireAfterSeconds 60/),
    expect.stringMatching(/"text_text" of orders not created: .*text/),
  ]);
});

test("a dump's databases are those of the folders; MongoDB's own are left out", async () => {
  const at = await bench();
  await dumped(at, 'admin');
  const folder = await dumped(at, `of-${at.database}`);
  const { imported, skipped } = await importPaths(
    at.store,
    [folder],
    { fallback: 'main' },
    options,
    testCall(),
  );
  expect(imported).toMatchObject([{ database: `of-${at.database}`, collection: 'orders' }]);
  expect(skipped).toMatchObject([{ reason: expect.stringMatching(/own databases/) }]);
});

test('a packed dump of one database, with escaped names, views and system collections', async () => {
  const at = await bench();
  const folder = join(at.directory, 'shop');
  await mkdir(folder);
  const write = (name: string, content: string | Uint8Array) =>
    writeFile(join(folder, name), gzipSync(content));
  await write('old%2Forders.bson.gz', joinBson(orders));
  await write('old%2Forders.metadata.json.gz', JSON.stringify({ indexes: [], type: 'collection' }));
  await write('recent.metadata.json.gz', JSON.stringify({ indexes: [], type: 'view' }));
  await write('system.views.bson.gz', encode({ _id: 'shop.recent' }));
  const { imported, skipped } = await brought(at, folder);
  expect(imported).toMatchObject([{ collection: 'old/orders', inserted: 2 }]);
  expect(skipped.map(({ reason }) => reason)).toEqual(['a view holds no documents', "one of MongoDB's own"]);
});

test('a folder of mixed files gives a collection a file; one that is broken does not keep the others out', async () => {
  const at = await bench();
  const folder = join(at.directory, 'mixed');
  await mkdir(folder);
  await writeFile(join(folder, 'a.csv'), 'n\n1\n');
  await writeFile(join(folder, 'b.jsonl'), '{"n":1}\n{');
  await writeFile(join(folder, 'c.json.gz'), gzipSync('[{"n":1}]'));
  await writeFile(join(folder, 'README.md'), '# Data');
  const { imported, failed, skipped } = await brought(at, folder);
  expect(imported.map(({ collection }) => collection)).toEqual(['a', 'c']);
  expect(failed).toMatchObject([{ reason: expect.stringMatching(/^Line 2 is not valid JSON/) }]);
  expect(skipped).toMatchObject([{ path: join(folder, 'README.md') }]);
});

test('of two files that would become one collection, the second is refused, and how to import it is told', async () => {
  const at = await bench();
  const folder = join(at.directory, 'twice');
  await mkdir(folder);
  await writeFile(join(folder, 'a.csv'), 'n\n1\n');
  await writeFile(join(folder, 'a.json'), '[{"n":1}]');
  const { imported, failed } = await brought(at, folder);
  expect(imported).toMatchObject([{ file: join(folder, 'a.csv'), inserted: 1 }]);
  expect(failed).toEqual([
    {
      path: join(folder, 'a.json'),
      reason: expect.stringMatching(/the collection "a", as ".*a\.csv" did.*hydrogen import COLLECTION FILE/),
    },
  ]);
});

test.each([
  ['cut off', (bytes: Buffer) => bytes.subarray(0, -3), /ends inside the document at byte 47/],
  [
    'damaged in a length',
    (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([1, 2, 3, 100, 0])]),
    /no BSON document at byte 80/,
  ],
  [
    'damaged inside a document',
    (bytes: Buffer) => {
      const damaged = Buffer.from(bytes);
      damaged[47 + 4] = 99;
      return damaged;
    },
    /The document at byte 47: The bytes are not a valid BSON/,
  ],
])(
  'a dump that is %s is refused at its byte, and the documents before it stay',
  async (_what, damage, message) => {
    const { file, bring, things } = await bench();
    const path = await file(
      'x.bson',
      damage(
        Buffer.from(
          joinBson([
            { _id: 1, text: 'x'.repeat(22) },
            { _id: 2, text: 'y'.repeat(8) },
          ]),
        ),
      ),
    );
    await expect(bring(path)).rejects.toThrow(message);
    expect((await things())[0]).toMatchObject({ _id: 1 });
  },
);

test.each([
  ['x.archive', Buffer.from('whatever')],
  ['x.bson', Buffer.from([0x6d, 0xe2, 0x99, 0x81, 0, 0])],
  ['x.gz', gzipSync(Buffer.from([0x6d, 0xe2, 0x99, 0x81, 0, 0]))],
])('an archive of mongodump is refused by name: %s', async (name, content) => {
  const { file, bring } = await bench();
  await expect(bring(await file(name, content))).rejects.toThrow(/mongodump archive.*--out FOLDER/);
});

test('a date that JavaScript cannot hold is refused, not changed', async () => {
  const { file, bring, things } = await bench();
  const far = Buffer.from(encode({ _id: 2, at: new Date(0) }));
  far.writeBigInt64LE(2n ** 62n, far.length - 9);
  const path = await file('x.bson', Buffer.concat([encode({ _id: 1 }), far]));
  await expect(bring(path)).rejects.toThrow(/The document at byte 14: A date beyond the years/);
  expect(await things()).toEqual([{ _id: 1 }]);
});
