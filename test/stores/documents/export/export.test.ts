import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Decimal128, Double, Long, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import type { Document } from '../../../../src/mql/index.ts';
import {
  type ExportOptions,
  type ExportReport,
  exportDocuments,
  exportNotes,
} from '../../../../src/stores/documents/export/export.ts';
import type { ExportQuery } from '../../../../src/stores/documents/export/pages.ts';
import { writeWhole } from '../../../../src/stores/documents/export/whole-file.ts';
import { temporaryDirectory, testCall } from '../../../support/call.ts';
import { type Bench, useStore } from '../import/support.ts';

const bench = useStore();

async function exported(
  at: Bench,
  documents: readonly Document[],
  options: ExportOptions,
  query: Partial<ExportQuery> = {},
): Promise<{ text: string; report: ExportReport }> {
  const { database, store } = at;
  await store.put({ database, collection: 'given' }, documents, { drop: false }, testCall());
  let text = '';
  const report = await exportDocuments(
    store,
    { database, collection: 'given', filter: {}, ...query },
    options,
    async (piece) => {
      text += piece;
    },
    testCall(),
  );
  return { text, report };
}

test('jsonl is relaxed Extended JSON, extended_json canonical, a document a line', async () => {
  const documents = [{ _id: 1, at: new Date('2026-01-31') }];
  const relaxed = await exported(await bench(), documents, { format: 'jsonl' });
  expect(relaxed.text).toBe('{"_id":1,"at":{"$date":"2026-01-31T00:00:00Z"}}\n');
  const canonical = await exported(await bench(), documents, { format: 'extended_json' });
  expect(canonical.text).toBe('{"_id":{"$numberInt":"1"},"at":{"$date":{"$numberLong":"1769817600000"}}}\n');
  expect(canonical.report).toEqual({ documents: 1, bytes: canonical.text.length, cut: false });
});

test('texts that a spreadsheet program would run as formulas are counted, or escaped', async () => {
  const documents = [{ _id: 1, a: '=cmd()', b: '@x', c: '-2+cmd()', d: -2, e: '+49 (30) 12-3', f: '- item' }];
  const plain = await exported(await bench(), documents, { format: 'csv' });
  expect(plain.text).toContain('1,=cmd(),@x,-2+cmd(),-2,+49 (30) 12-3,- item');
  expect(plain.report.formulas).toBe(4);
  expect(exportNotes(plain.report)).toEqual([expect.stringMatching(/4 texts look like .*--escape-formulas/)]);
  const escaped = await exported(await bench(), documents, { format: 'csv', escapeFormulas: true });
  expect(escaped.text).toContain("1,'=cmd(),'@x,'-2+cmd(),-2,+49 (30) 12-3,'- item");
  expect(exportNotes(escaped.report)).toEqual([]);
});

test('numbers that are not finite stay numbers through a CSV, beside others', async () => {
  const at = await bench();
  const documents = [
    { _id: 1, n: 1.5, whole: 2, all: Number.NaN },
    { _id: 2, n: Number.NaN, whole: Number.POSITIVE_INFINITY, all: Number.NaN },
    { _id: 3, n: Number.NEGATIVE_INFINITY, whole: 3, all: Number.NaN },
  ];
  const { text } = await exported(at, documents, { format: 'csv' });
  const { columns } = await at.bring(await at.file('x.csv', text));
  expect(columns?.find(({ field }) => field === 'all')?.hint).toMatch(/--type all=double/);
  expect(await at.things()).toEqual([
    { _id: 1, n: 1.5, whole: new Double(2), all: 'NaN' },
    { _id: 2, n: Number.NaN, whole: Number.POSITIVE_INFINITY, all: 'NaN' },
    { _id: 3, n: Number.NEGATIVE_INFINITY, whole: new Double(3), all: 'NaN' },
  ]);
});

test('filter, projection, sort and limit are those of find', async () => {
  const documents = [1, 2, 3, 4].map((n) => ({ _id: n, n, x: 'y' }));
  const query = { filter: { n: { $gt: 1 } }, projection: { n: 1, _id: 0 }, sort: { n: -1 }, limit: 2 };
  const { text } = await exported(await bench(), documents, { format: 'jsonl' }, query);
  expect(text).toBe('{"n":4}\n{"n":3}\n');
});

test('more than a page is exported whole and in order', async () => {
  const documents = Array.from({ length: 12_000 }, (_, n) => ({ _id: n, n: n % 7 }));
  const { text, report } = await exported(await bench(), documents, { format: 'jsonl' }, { sort: { n: 1 } });
  const ids = text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { _id: number })._id);
  expect(report.documents).toBe(12_000);
  expect(ids).toEqual(documents.toSorted((a, b) => a.n - b.n || a._id - b._id).map(({ _id }) => _id));
});

test('CSV has the columns that occur, inner documents dotted, lists as JSON', async () => {
  const documents = [
    { _id: 1, name: 'a "b", c', where: { city: 'Rome' }, tags: ['x', 1], note: null },
    { _id: 2, where: null, price: Decimal128.fromString('1.10'), big: Long.fromString('9007199254740993') },
    { _id: 3, at: new Date('2026-01-31'), of: new ObjectId('65f0a0a0a0a0a0a0a0a0a0a0'), ok: true },
  ];
  const { text, report } = await exported(await bench(), documents, { format: 'csv' });
  expect(text.split('\r\n')).toEqual([
    '_id,name,where.city,tags,note,price,big,at,of,ok',
    '1,"a ""b"", c",Rome,"[""x"",1]",,,,,,',
    '2,,,,,1.10,9007199254740993,,,',
    '3,,,,,,,2026-01-31T00:00:00.000Z,65f0a0a0a0a0a0a0a0a0a0a0,true',
    '',
  ]);
  expect(report.columns).toHaveLength(10);
});

test('a field that is a value here and an inner document there is one column', async () => {
  const documents = [
    { _id: 1, a: 1 },
    { _id: 2, a: { b: 2 } },
  ];
  const { text } = await exported(await bench(), documents, { format: 'csv' });
  expect(text).toBe('_id,a\r\n1,1\r\n2,"{""b"":2}"\r\n');
});

test('columns that are named are the columns, in their order', async () => {
  const documents = [{ _id: 1, a: { b: 2, c: 3 }, d: 4 }];
  const { text } = await exported(await bench(), documents, { format: 'csv', fields: ['d', 'a', 'a.b'] });
  expect(text).toBe('d,a,a.b\r\n4,"{""b"":2,""c"":3}",\r\n');
});

test('what goes out as CSV comes back with the same types', async () => {
  const at = await bench();
  const documents = [
    { _id: 1, name: 'x', n: 2.5, at: new Date('2026-01-31'), ok: true, in: { code: '007' } },
  ];
  const { text } = await exported(at, documents, { format: 'csv' });
  await at.bring(await at.file('x.csv', text));
  expect(await at.things()).toEqual(documents);
});

test('an export ends at its cap, with whole lines, and says so', async () => {
  const documents = [1, 2, 3].map((n) => ({ _id: n }));
  const { text, report } = await exported(await bench(), documents, { format: 'jsonl', maxBytes: 25 });
  expect(text).toBe('{"_id":1}\n{"_id":2}\n');
  expect(report).toMatchObject({ documents: 2, cut: true });
});

test('a document whose data reads as a type of Extended JSON is counted', async () => {
  const { report } = await exported(await bench(), [{ _id: 1, a: { $oid: 5 } }, { _id: 2 }], {
    format: 'extended_json',
  });
  expect(report.ambiguous).toBe(1);
});

test('the columns of a CSV are refused for other formats', async () => {
  await expect(exported(await bench(), [{ _id: 1 }], { format: 'jsonl', fields: ['a'] })).rejects.toThrow(
    /projection/,
  );
});

const elsewhere = 'Give another name.';

test('a file is there whole or not at all', async () => {
  const folder = await temporaryDirectory();
  const path = join(folder, 'x.jsonl');
  const failing = writeWhole(path, '"x.jsonl"', { replace: true, elsewhere }, async (sink) => {
    await sink('half');
    throw new Error('stopped');
  });
  await expect(failing).rejects.toThrow('stopped');
  expect(await readdir(folder)).toEqual([]);
});

test('a file whose name ends in .gz is packed', async () => {
  const path = join(await temporaryDirectory(), 'x.jsonl.gz');
  await writeWhole(path, '"x.jsonl.gz"', { replace: true, elsewhere }, (sink) => sink('{"a":1}\n'));
  expect(gunzipSync(await readFile(path)).toString()).toBe('{"a":1}\n');
});

test('a place that cannot be written is named', async () => {
  const path = join(await temporaryDirectory(), 'missing', 'x.jsonl');
  const failing = writeWhole(path, '"missing/x.jsonl"', { replace: true, elsewhere }, (sink) => sink('x'));
  await expect(failing).rejects.toThrow(
    '"missing/x.jsonl" cannot be written: it or its folder does not exist. Give another name.',
  );
});
