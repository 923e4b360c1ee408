import { Decimal128, Double, Long, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import { useStore, withoutIds } from './support.ts';

const bench = useStore();

test.each([
  ['whole numbers', 'n\n1\n-2\n', 'int', [{ n: 1 }, { n: -2 }]],
  ['numbers with a fraction, all as doubles', 'n\n1\n2.5\n', 'double', [{ n: new Double(1) }, { n: 2.5 }]],
  [
    '64-bit numbers',
    'n\n1\n9007199254740993\n',
    'long',
    [{ n: Long.fromNumber(1) }, { n: Long.fromString('9007199254740993') }],
  ],
  [
    'numbers with more digits than 64 bits',
    'n\n12345678901234567890\n',
    'string',
    [{ n: '12345678901234567890' }],
  ],
  ['codes with a leading zero', 'n\n007\n042\n', 'string', [{ n: '007' }, { n: '042' }]],
  ['empty cells, which are missing fields', 'a,n\n1,\n2,true\n', 'boolean', [{ a: 1 }, { a: 2, n: true }]],
  ['booleans', 'n\ntrue\nFALSE\n', 'boolean', [{ n: true }, { n: false }]],
  ['days', 'n\n2026-01-31\n', 'date', [{ n: new Date('2026-01-31') }]],
  ['moments', 'n\n2026-01-31T10:00:00+01:00\n', 'date', [{ n: new Date('2026-01-31T09:00:00Z') }]],
  [
    'moments without a zone, which may mean any',
    'n\n2026-01-31 10:00\n',
    'string',
    [{ n: '2026-01-31 10:00' }],
  ],
  ['days that no month has', 'n\n2026-02-30\n', 'string', [{ n: '2026-02-30' }]],
  ['nothing', 'a,n\n1,\n', 'string', [{ a: 1 }]],
])('a column of %s', async (_what, text, type, documents) => {
  const { file, bring, things } = await bench();
  const { columns } = await bring(await file('x.csv', text));
  expect(columns?.find(({ field }) => field === 'n')?.type).toBe(type);
  expect(withoutIds(await things())).toEqual(documents);
});

test('a mixed column stays text, and the report says how many cells are odd and where the first is', async () => {
  const { file, bring, things } = await bench();
  const rows = Array.from({ length: 2_000 }, (_, n) => (n === 1_500 ? 'n/a' : String(n)));
  const { columns } = await bring(await file('x.csv', `year\n${rows.join('\n')}\n`));
  expect(columns).toEqual([
    {
      field: 'year',
      type: 'string',
      mostly: 'int',
      filled: 2_000,
      odd: 1,
      example: { row: 1_502, text: 'n/a' },
    },
  ]);
  expect((await things())[0]).toMatchObject({ year: '0' });
});

test('a type that is told is given; what does not fit it stays text and is counted', async () => {
  const { file, bring, things } = await bench();
  const text =
    'year,code,id,price,at,yes\n2020,7,65f0a0a0a0a0a0a0a0a0a0a0,1.10,2026-01-31 10:00,yes\nn/a,08,,,,no\n';
  const types = { year: 'int', code: 'string', id: 'objectId', price: 'decimal', at: 'date', yes: 'boolean' };
  const { columns } = await bring(await file('x.csv', text), { types });
  expect(columns?.[0]).toEqual({
    field: 'year',
    type: 'int',
    filled: 2,
    odd: 1,
    example: { row: 3, text: 'n/a' },
  });
  expect(withoutIds(await things())).toEqual([
    {
      year: 2020,
      code: '7',
      id: new ObjectId('65f0a0a0a0a0a0a0a0a0a0a0'),
      price: Decimal128.fromString('1.10'),
      at: new Date('2026-01-31T10:00:00Z'),
      yes: true,
    },
    { year: 'n/a', code: '08', yes: false },
  ]);
});

test.each([
  ['a column that is not there', { yaer: 'int' }, /no column "yaer".*"year"/],
  ['a type that is none', { year: 'number' }, /"number" is not a column type: string, int/],
])('%s is refused', async (_what, types, message) => {
  const { file, bring } = await bench();
  await expect(bring(await file('x.csv', 'year\n1\n'), { types })).rejects.toThrow(message);
});

test('types of columns are refused for a format that has its own', async () => {
  const { file, bring } = await bench();
  const path = await file('x.jsonl', '{"a":1}');
  await expect(bring(path, { types: { a: 'int' } })).rejects.toThrow(/are for CSV and TSV/);
});

test.each([
  ['tabs', 'x.tsv', 'a\tb\n1\tx,y\n', [{ a: 1, b: 'x,y' }]],
  ['semicolons', 'x.csv', 'a;b\n1;x\n', [{ a: 1, b: 'x' }]],
  ['quoted cells over lines', 'x.csv', 'a,b\n1,"x\n""y"""\n', [{ a: 1, b: 'x\n"y"' }]],
  ['dotted columns, as inner documents', 'x.csv', 'a.b,a.c\n1,x\n', [{ a: { b: 1, c: 'x' } }]],
])('a table with %s', async (_what, name, text, documents) => {
  const { file, bring, things } = await bench();
  await bring(await file(name, text));
  expect(withoutIds(await things())).toEqual(documents);
});

test.each([
  ['a row of another length', 'a,b\n1,2,3\n', /not valid CSV/],
  ['a column that stands twice', 'a,a\n1,2\n', /column "a" twice/],
  ['a column inside another', 'a,a.b\n1,2\n', /cannot both be fields/],
  ['a column without a name', 'a,\n1,2\n', /without a name/],
  ['Latin-1', Buffer.from('a\n\xe4\n', 'latin1'), /not UTF-8 text/],
])('a table with %s is refused before anything is written', async (_what, text, message) => {
  const { file, bring, things } = await bench();
  await expect(bring(await file('x.csv', text))).rejects.toThrow(message);
  await expect(things()).rejects.toMatchObject({ code: 'not_found' });
});
