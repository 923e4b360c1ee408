import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'bson';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Document, encode } from '../../../../src/mql/index.ts';
import { exportDocuments } from '../../../../src/stores/documents/export/export.ts';
import { testCall } from '../../../support/call.ts';
import { useStore } from '../import/support.ts';

const bench = useStore();

/** Raised by `npm run properties`. */
const runs = Number(process.env['PROPERTY_RUNS'] ?? 500);

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const objectId = fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes));
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'a\0b', '\u2028"\\', '2026-01-01'),
);
/** What a field's name or a regular expression may hold: anything but NUL. */
const cstring = text.map((value) => value.replaceAll('\0', ''));

const numbers = fc.oneof(
  int32,
  int32.map((value) => new Double(value)),
  fc.double(),
  fc.constantFrom(Number.NaN, -0, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 2 ** 53, 1e21),
  int64.map((value) => Long.fromBigInt(value)),
  fc.constantFrom(0n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)).map((value) => Long.fromBigInt(value)),
  fc
    .tuple(
      fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }),
      fc.integer({ min: -6176, max: 6111 }),
    )
    .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`)),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0', '0E+3', '1.10').map((s) => Decimal128.fromString(s)),
);

const dates = fc.oneof(
  fc.date({ noInvalidDate: true }),
  // Beyond the years that relaxed Extended JSON writes as text, to the ends of JavaScript's dates.
  fc.constantFrom(-8.64e15, 8.64e15, -1, 253402300800000, -62135596800001).map((ms) => new Date(ms)),
);

const subtypes = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 0x80, 0xff);
const binaries = fc.oneof(
  fc.tuple(fc.uint8Array({ maxLength: 9 }), subtypes).map(([bytes, subtype]) => new Binary(bytes, subtype)),
  fc.uuid().map((uuid) => new UUID(uuid)),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => Binary.fromInt8Array(Int8Array.from(bytes))),
);

const options = fc.subarray(['i', 'l', 'm', 's', 'u', 'x']).map((letters) => letters.join(''));
const rare = fc.oneof(
  fc.tuple(cstring, options).map(([pattern, letters]) => new BSONRegExp(pattern, letters)),
  fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)).map(([t, i]) => new Timestamp({ t, i })),
  text.map((code) => new Code(code)),
  fc
    .tuple(text, fc.dictionary(fc.constantFrom('a', 'b'), int32))
    .map(([code, scope]) => new Code(code, scope)),
  text.map((symbol) => new BSONSymbol(symbol)),
  fc.tuple(cstring, objectId).map(([collection, id]) => ({ $ref: collection, $id: id })),
  fc.constantFrom(new MinKey(), new MaxKey(), null, true, false),
);

// A document whose only field is named like a type of Extended JSON cannot be told from that type: such
// names are MongoDB's own.
const names = fc.oneof(
  cstring.filter((name) => !name.startsWith('$')),
  fc.constantFrom(
    'a',
    'a.b',
    '.',
    '$',
    '$price',
    '$$x',
    '',
    '__proto__',
    'constructor',
    'toString',
    '0',
    '17',
    '-1',
    '\ud83d\ude00',
  ),
);

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 5, arbitrary: numbers },
    { weight: 3, arbitrary: text },
    { weight: 2, arbitrary: dates },
    { weight: 2, arbitrary: binaries },
    { weight: 4, arbitrary: rare },
    { weight: 1, arbitrary: objectId },
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(names, tie('value')), { maxLength: 4, selector: ([name]) => name })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

const documents = fc
  .uniqueArray(fc.tuple(names, values), { maxLength: 6, selector: ([name]) => name })
  .map((entries) => Object.fromEntries(entries.filter(([name]) => name !== '_id')) as Document);

const bytesOf = (all: readonly Document[]): string[] =>
  all.map((document) => Buffer.from(encode(document)).toString('hex'));

/** Documents of one property run: a store's transactions cost more than they do. */
const batch = 50;
const patient = () => testCall({ deadline: Date.now() + 600_000 });

test(`what is exported as canonical Extended JSON is imported as the same bytes (${runs} documents)`, async () => {
  const at = await bench();
  const { database, store, directory } = at;
  const path = join(directory, 'given.jsonl');
  const property = fc.asyncProperty(
    fc.array(documents, { minLength: 1, maxLength: batch, size: 'max' }),
    async (bodies) => {
      const given = bodies.map((body, n) => ({ _id: n, ...body }));
      await store.put({ database, collection: 'given' }, given, { drop: true }, patient());
      const pieces: string[] = [];
      const query = { database, collection: 'given', filter: {} };
      const sink = async (piece: string): Promise<void> => void pieces.push(piece);
      await exportDocuments(store, query, { format: 'extended_json' }, sink, patient());
      await writeFile(path, pieces.join(''));
      await at.bring(path, { drop: true }, patient());
      const returned = bytesOf(await at.things());
      expect(returned).toEqual(bytesOf(await at.things('given')));
      expect(returned).toEqual(bytesOf(given));
    },
  );
  await fc.assert(property, { numRuns: Math.ceil(runs / (batch / 2)) });
}, 600_000);

test('undefined comes back as null and a DBPointer as a DBRef, as drivers read them', async () => {
  const at = await bench();
  const id = new ObjectId('65f0a0a0a0a0a0a0a0a0a0a0');
  const pointer = Buffer.concat([Buffer.from('\x0cp\0\x07\0\0\0things\0'), id.id]);
  const elements = Buffer.concat([Buffer.from('\x10_id\0\x01\0\0\0\x06u\0'), pointer, Buffer.alloc(1)]);
  const bson = Buffer.concat([Buffer.alloc(4), elements]);
  bson.writeInt32LE(bson.length, 0);
  const { database, store } = at;
  await store.put({ database, collection: 'given' }, bson, { drop: false }, testCall());
  let text = '';
  const query = { database, collection: 'given', filter: {} };
  await exportDocuments(
    store,
    query,
    { format: 'extended_json' },
    async (piece) => {
      text += piece;
    },
    testCall(),
  );
  await at.bring(await at.file('x.jsonl', text));
  expect(await at.things()).toEqual([{ _id: 1, u: null, p: { $ref: 'things', $id: id } }]);
});
