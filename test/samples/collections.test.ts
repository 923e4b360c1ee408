import { readdirSync, readFileSync } from 'node:fs';
import { EJSON, ObjectId } from 'bson';
import { describe, expect, test } from 'vitest';
import { sampleCollections } from '../../scripts/samples.ts';

const samples = new URL('../../samples/', import.meta.url);
const file = (name: string) => readFileSync(new URL(`collections/${name}`, samples), 'utf8');
const load = (name: string) =>
  file(name)
    .trim()
    .split('\n')
    .map((line) => EJSON.parse(line) as Record<string, unknown>);

const technologies = load('technologies.jsonl');
const materials = load('materials.jsonl');
const sources = load('sources.jsonl');

test('the committed collections are what scripts/samples.ts makes, byte for byte', () => {
  const made = sampleCollections();
  expect(readdirSync(new URL('collections/', samples)).sort()).toEqual(Object.keys(made).sort());
  for (const [name, content] of Object.entries(made)) {
    expect(file(name) === content, `${name} is stale: run npx node scripts/samples.ts`).toBe(true);
  }
});

test.each([
  ['technologies', technologies, 646],
  ['materials', materials, 266],
  ['sources', sources, 147],
])('%s can be imported: every document has an ObjectId of its own', (_, documents, count) => {
  expect(documents).toHaveLength(count);
  expect(documents.every(({ _id }) => _id instanceof ObjectId)).toBe(true);
  expect(new Set(documents.map(({ _id }) => String(_id))).size).toBe(count);
});

describe('materials', () => {
  const byEntry = (entry: string) => materials.find((one) => one['entry'] === entry);

  test('a temperature range in degrees Celsius is given in kelvin, beside the upstream text', () => {
    expect(byEntry('xiukui_permeability')).toMatchObject({
      range: '(u.Quantity(200, u.degC), u.Quantity(430, u.degC))',
      temperature_K: { min: 473.15, max: 703.15 },
      activation_energy: { value: 64.06, unit: 'kJ/mol' },
    });
  });

  test('what upstream computes in code gets no number', () => {
    const computed = materials.filter((one) => /htm\.k_B/.test(String(one['act_energy'] ?? one['E_D'])));
    expect(computed.length).toBeGreaterThan(0);
    expect(computed.every((one) => !('activation_energy' in one))).toBe(true);
  });
});

describe('sources', () => {
  test('every source of a technology row has an entry, with a year that is a number', () => {
    const keys = new Set(sources.map(({ key }) => key));
    expect(technologies.map(({ source }) => source).filter((source) => !keys.has(source))).toEqual([]);
    expect(sources.every(({ year }) => Number.isInteger(year))).toBe(true);
    expect(keys.size).toBe(sources.length);
  });

  test('titles and authors hold no LaTeX', () => {
    expect(sources.find(({ key }) => key === 'Lewis-2022')).toMatchObject({
      title: 'Comparison of Commercial, State-of-the-Art, Fossil-Based Hydrogen Production Technologies',
      authors: expect.arrayContaining(['Lewis, Eric', 'Stevens, Robert']),
    });
    const text = sources.map(({ title, authors }) => `${title} ${String(authors)}`);
    expect(text.filter((line) => /[{}\\$]|&\w+;/.test(line))).toEqual([]);
  });
});
