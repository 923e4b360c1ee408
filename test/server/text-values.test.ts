import { expect, test } from 'vitest';
import { call, rowsOf, summaryOf } from '../support/answers.ts';
import { clientOf, connected, sharedApp } from '../support/connected.ts';

// Files from countries with a decimal comma and days such as 31.12.2025, imported as text.

const names = ['Café Müller', 'Bäckerei Maß', 'Bäckerei Huber', 'Metzgerei Koch'];
const sales = Array.from({ length: 40 }, (_, n) => ({
  _id: n,
  Stadt: ['Berlin', 'Hamburg'][n % 2],
  Kunde: names[n] ?? `Kunde ${n}`,
  Umsatz: `${100 + n * 7},00`,
  Menge: String(n * 3),
  Preis: n % 2 === 0 ? n / 2 : `${n},50`,
  Betrag: n,
  Personalnr: String(n).padStart(3, '0'),
  Plz: String(10_115 + n),
  Datum: `${String(1 + (n % 28)).padStart(2, '0')}.12.2025`,
  Bezahlt: n % 3 === 0 ? 'ja' : 'nein',
  Positionen: [{ Wert: `${n},10` }],
}));
const towns = [
  { _id: 1, Name: 'Berlin' },
  { _id: 2, Name: 'Hamburg' },
];
const app = sharedApp({ data: { sales, towns } });

const ask = async (tool: string, args: Record<string, unknown>): Promise<string> =>
  summaryOf(await call(await clientOf(app()), tool, { collection: 'sales', ...args }));
const group = (accumulator: unknown, ...before: unknown[]): Promise<string> =>
  ask('aggregate', { pipeline: [...before, { $group: { _id: '$Stadt', u: accumulator } }] });

test.each<[string, unknown, RegExp]>([
  [
    'a sum of text with a decimal comma',
    { $sum: '$Umsatz' },
    /"Umsatz" holds text such as "100,00": \$sum counts only numbers\. Write \{"\$toDouble":\{"\$replaceAll":\{"input":"\$Umsatz","find":",","replacement":"\."\}\}\}, or import the file into a new collection \(--decimal ,\)\./,
  ],
  [
    'an average of text with a decimal comma',
    { $avg: '$Umsatz' },
    /"Umsatz" holds text such as "100,00": \$avg counts only numbers\./,
  ],
  [
    'a sum of text that is a number in JSON',
    { $sum: '$Menge' },
    /"Menge" holds text such as "0": \$sum counts only numbers\. Write \{"\$toDouble":"\$Menge"\}\./,
  ],
  [
    'a sum of a field that is partly text',
    { $sum: '$Preis' },
    /"Preis" holds text such as "1,50" \(20 of 40 sampled\): \$sum counts only numbers\./,
  ],
  [
    'the largest text',
    { $max: '$Umsatz' },
    /"Umsatz" holds text such as "100,00": \$max compares it as text\./,
  ],
])('%s is told to be one', async (_what, accumulator, message) => {
  expect(await group(accumulator)).toMatch(message);
});

test.each<[string, unknown, unknown[]]>([
  ['a number', { $sum: '$Betrag' }, []],
  ['converted text', { $sum: { $toDouble: '$Menge' } }, []],
  ['a field computed earlier', { $sum: '$Menge' }, [{ $set: { Menge: { $toInt: '$Menge' } } }]],
  ['a field of a $project', { $sum: '$Menge' }, [{ $project: { Stadt: 1, Menge: { $toInt: '$Menge' } } }]],
  ['numbers that were chosen', { $sum: '$Preis' }, [{ $match: { Preis: { $type: 'number' } } }]],
])('a sum of %s gets no note', async (_what, accumulator, before) => {
  expect(await group(accumulator, ...before)).not.toMatch(/holds text/);
});

test('an item of a list is known to be text after $unwind', async () => {
  expect(await group({ $sum: '$Positionen.Wert' }, { $unwind: '$Positionen' })).toMatch(
    /"Positionen\.Wert" holds text such as "0,10": \$sum counts only numbers/,
  );
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    'text with a decimal comma',
    { Umsatz: { $gt: 100 } },
    /"Umsatz" holds text such as "100,00", which does not compare with numbers\. Write \{"\$expr":\{"\$gt":\[\{"\$toDouble":\{"\$replaceAll":.*\}\},100\]\}\}, or import the file into a new collection \(--decimal ,\)\.$/,
  ],
  [
    'text that is a number in JSON',
    { Menge: { $gte: 100 } },
    /"Menge" holds text such as "0", which does not compare with numbers\. Write \{"\$expr":\{"\$gte":\[\{"\$toDouble":"\$Menge"\},100\]\}\}\.$/,
  ],
])('a range of numbers over %s says what compares', async (_what, filter, message) => {
  expect(await ask('find', { filter })).toMatch(message);
});

test('the way to compare text with points between thousands is one that works', async () => {
  const { client } = await connected({
    data: { sums: ['1.234,50', '102,00', '99,90'].map((Summe, _id) => ({ _id, Summe })) },
  });
  const find = (filter: unknown) => call(client, 'find', { collection: 'sums', filter });
  const told = summaryOf(await find({ Summe: { $gt: 100 } }));
  expect(told).toMatch(/\(--decimal , --thousands \.\)\.$/);
  const written = /Write (\{.*\}), or import/.exec(told)?.[1] ?? '{}';
  expect(rowsOf(await find(JSON.parse(written))).map(({ _id }) => _id)).toEqual([0, 1]);
});

test('the way to compare text as numbers works', async () => {
  const client = await clientOf(app());
  const filter = { $expr: { $gte: [{ $toDouble: '$Menge' }, 100] } };
  const answer = await call(client, 'count', { collection: 'sales', filter });
  expect(answer.structuredContent).toEqual({ count: 6 });
});

test('a range of texts that stand for numbers is said to be one of texts', async () => {
  expect(await ask('find', { filter: { Menge: { $gt: '50' } } })).toMatch(
    /"Menge" holds text such as "0", which does not compare by number/,
  );
  expect(await ask('find', { filter: { Plz: { $gte: '10120' } } })).not.toMatch(/holds text/);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['with leading zeros', { Personalnr: 7 }, /Documents are found with "Personalnr":"007"\.$/],
  ['with a decimal comma', { Umsatz: 107 }, /Documents are found with "Umsatz":"107,00"\.$/],
  ['as text', { Plz: 10_116 }, /Documents are found with "Plz":"10116"\.$/],
  ['not at all', { Personalnr: 77 }, /"Personalnr" holds text such as "000", not numbers\.$/],
])('a number that occurs %s is answered with what occurs', async (_how, filter, message) => {
  expect(await ask('find', { filter })).toMatch(message);
});

test.each<[string, unknown]>([
  ['text', '2026-01-01'],
  ['another day of this form', '01.01.2026'],
  ['a date', { $date: '2026-01-01T00:00:00Z' }],
])('days such as 31.12.2025 compared with %s are said not to sort by date', async (_what, value) => {
  const message =
    /"Datum" holds text such as "01\.12\.2025", which does not sort by date\. Compare \{"\$dateFromString":\{"dateString":"\$Datum","format":"%d\.%m\.%Y"\}\} with a date in \$expr, or import the file into a new collection with --date-format %d\.%m\.%Y/;
  expect(await ask('find', { filter: { Datum: { $lt: value } } })).toMatch(message);
  expect(await ask('find', { filter: { Datum: { $gt: value } } })).toMatch(message);
  expect(await ask('aggregate', { pipeline: [{ $match: { Datum: { $gt: value } } }] })).toMatch(message);
  expect(await ask('count', { filter: { Datum: { $gt: value } } })).toContain('does not sort by date');
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['true for words', { Bezahlt: true }, /"Bezahlt" holds text, not true or false, such as "nein", "ja"\./],
  [
    'true for words of few documents',
    { Kunde: true },
    /"Kunde" holds text, not true or false, such as "Café Müller", /,
  ],
  [
    'a pattern in another case',
    { Kunde: { $regex: 'müller' } },
    /found with "Kunde":\{"\$regex":"müller","\$options":"i"\} \("Café Müller"\)\./,
  ],
  ['a word without its accent', { Kunde: 'Cafe Müller' }, /found with "Kunde":"Café Müller"\./],
  ['an umlaut and case', { Kunde: 'backerei huber' }, /found with "Kunde":"Bäckerei Huber"\./],
])('nothing found because of %s is explained', async (_what, filter, message) => {
  expect(await ask('find', { filter })).toMatch(message);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    'in $in',
    { Kunde: { $in: ['Metzgerei Koch', 'café müller'] } },
    /No document has "café müller" as "Kunde": documents are found with "Kunde":"Café Müller"\./,
  ],
  [
    'in $or',
    { $or: [{ Kunde: 'Metzgerei Koch' }, { Personalnr: 7 }] },
    /No document has 7 as "Personalnr": documents are found with "Personalnr":"007"\./,
  ],
])('a value of several %s that occurs only in another form is named', async (_what, filter, message) => {
  expect(await ask('find', { filter })).toMatch(message);
  const client = await clientOf(app());
  const counted = await call(client, 'count', { collection: 'sales', filter });
  expect(counted.structuredContent).toMatchObject({ count: 1, note: expect.stringMatching(message) });
});

test('values of $in that all occur get no note', async () => {
  expect(await ask('find', { filter: { Kunde: { $in: ['Metzgerei Koch', 'Café Müller'] } } })).toMatch(
    /^2 documents of "sales"\. End of results\. The next/,
  );
});

test('a $lookup by a field that the other collection does not have says so', async () => {
  const pipeline = [{ $lookup: { from: 'towns', localField: 'Stadt', foreignField: 'Nme', as: 'town' } }];
  const message = /No sampled document of "towns" has a field "Nme": did you mean "Name"\?/;
  expect(await ask('aggregate', { pipeline })).toMatch(message);
  expect(await ask('aggregate', { pipeline: [...pipeline, { $unwind: '$town' }] })).toMatch(message);
});

test.each<[string, string, Record<string, unknown>, RegExp]>([
  [
    'that a projection leaves out',
    'find',
    { sort: { Umsaz: -1 }, projection: { Stadt: 1 } },
    /field "Umsaz": did you mean "Umsatz"/,
  ],
  [
    'of a pipeline',
    'aggregate',
    { pipeline: [{ $sort: { Umsaz: -1 } }] },
    /field "Umsaz": did you mean "Umsatz"/,
  ],
  [
    'after $group',
    'aggregate',
    { pipeline: [{ $group: { _id: '$Stadt', n: { $sum: 1 } } }, { $sort: { anzahl: -1 } }] },
    /\$sort: after \$group there is no field "anzahl", only "_id", "n"\.$/,
  ],
])('a sort by a field %s that does not occur says so', async (_what, tool, args, message) => {
  expect((await ask(tool, { limit: 2, ...args })).replace(/ The next block.*$/, '')).toMatch(message);
});

test('two unknown fields of one pipeline are both named', async () => {
  const pipeline = [{ $match: { Stdt: 'Berlin' } }, { $group: { _id: '$Bezalt', n: { $sum: '$Betrg' } } }];
  const summary = await ask('aggregate', { pipeline });
  expect(summary).toMatch(/"Stdt": did you mean "Stadt"\?/);
  expect(summary).toMatch(/"Bezalt": did you mean "Bezahlt"\?/);
  expect(summary).toMatch(/"Betrg": did you mean "Betrag"\?/);
});

test('the way to sum text with a decimal comma works, also where some values are numbers', async () => {
  const number = (input: unknown) => ({ $replaceAll: { input, find: ',', replacement: '.' } });
  const convert = { input: number({ $toString: '$Preis' }), to: 'double', onError: null, onNull: null };
  const group = {
    _id: null,
    umsatz: { $avg: { $toDouble: number('$Umsatz') } },
    preis: { $sum: { $convert: convert } },
  };
  const pipeline = [{ $group: group }];
  const answer = await call(await clientOf(app()), 'aggregate', { collection: 'sales', pipeline });
  expect(rowsOf(answer)).toEqual([{ _id: null, umsatz: 236.5, preis: 600 }]);
});

test('an empty library says how documents come into it', async () => {
  const { client } = await connected();
  expect(summaryOf(await call(client, 'list_documents'))).toMatch(/^0 of 0 documents\..*ingest/);
});

test('a suggested range below a bound leaves out documents without the field, though the sample had none', async () => {
  expect(await ask('find', { filter: { Menge: { $lt: 50 } } })).toContain(
    '{"$expr":{"$lt":[{"$convert":{"input":"$Menge","to":"double","onNull":""}},50]}}',
  );
});

test('a sum over the elements of an array is told, without an expression that an array does not take', async () => {
  const told = await group({ $sum: '$Positionen.Wert' });
  expect(told).toMatch(/"Positionen\.Wert" holds text such as "0,10": \$sum counts only numbers\./);
  expect(told).not.toContain('$toDouble');
});

test('under a collation, what is found in another case is not called missing', async () => {
  const collation = { locale: 'de', strength: 2 };
  const told = await ask('find', { filter: { Stadt: { $in: ['berlin', 'hamburg'] } }, collation });
  expect(told).toMatch(/^20 documents of "sales"\. More remain/);
  expect(told).not.toMatch(/No document has/);
});

test('a hint shows no value that is longer than what was asked for could be', async () => {
  const { client } = await connected({ data: { long: [{ _id: 1, n: `${'0'.repeat(100_000)}7` }] } });
  expect(summaryOf(await call(client, 'find', { collection: 'long', filter: { n: 7 } })).length).toBeLessThan(
    1_000,
  );
});
