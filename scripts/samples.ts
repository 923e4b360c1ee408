/**
 * Makes samples/collections/*.jsonl, ready to import, from the upstream tables in samples/data.
 * Run it with `npx node scripts/samples.ts`; the same input gives the same bytes.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bibAuthors, parseBibtex, plainText } from './bibtex.ts';

type Row = Record<string, unknown>;

const data = new URL('../samples/data/', import.meta.url);
const collections = new URL('../samples/collections/', import.meta.url);

/** The collection files by name, each a string of JSON lines (Extended JSON, one document a line). */
export function sampleCollections(): Record<string, string> {
  const technologies = readRows('h2_posted/tedf.jsonl');
  const materials = readRows('h2_transport_materials/properties.jsonl');
  return {
    'technologies.jsonl': jsonLines(withIds('technologies', technologies)),
    'materials.jsonl': jsonLines(withIds('materials', materials.map(material))),
    'sources.jsonl': jsonLines(
      withIds('sources', [
        ...citedSources('h2_posted/sources.bib', 'technologies', technologies),
        ...citedSources('h2_transport_materials/references.bib', 'materials', materials),
      ]),
    ),
  };
}

function readRows(path: string): Row[] {
  const lines = readFileSync(new URL(path, data), 'utf8').split(/\r?\n/);
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
}

function jsonLines(rows: Row[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/**
 * Puts an `_id` first in each row: an ObjectId made of the first 12 bytes of SHA-256 over the collection's name, the
 * row and its occurrence among equal rows (upstream repeats a few), so that it is unique and never changes.
 */
function withIds(collection: string, rows: Row[]): Row[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const content = JSON.stringify(row);
    const occurrence = (seen.get(content) ?? 0) + 1;
    seen.set(content, occurrence);
    const digest = createHash('sha256').update(`${collection}\n${content}\n${occurrence}`).digest('hex');
    return { _id: { $oid: digest.slice(0, 24) }, ...row };
  });
}

/**
 * A row of properties.jsonl as a document: the upstream `_id`, which is not unique, becomes `entry`; where upstream
 * has literal numbers, `temperature_K` ({ min, max }, kelvin) and `activation_energy` ({ value, unit }) are added,
 * because the upstream fields are Python expressions and cannot be compared. Every upstream field stays.
 */
function material({ _id: entry, ...row }: Row): Row {
  const temperatures = quantities(row['range']).map(({ value, unit }) => kelvin(value, unit));
  const [energy] = quantities(row['act_energy'] ?? row['E_D'] ?? row['E_S']);
  const [min, max] = temperatures;
  return {
    entry,
    ...row,
    ...(min !== undefined && max !== undefined && { temperature_K: { min, max } }),
    ...(energy && { activation_energy: energy }),
  };
}

/** The quantities that an upstream expression states literally: `51.9 * u.kJ * u.mol ** (-1)` is 51.9 kJ/mol. */
export function quantities(expression: unknown): { value: number; unit: string }[] {
  if (typeof expression !== 'string') return [];
  const number = String.raw`(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)`;
  const pattern = new RegExp(
    String.raw`${number} \* u\.(\w+)(?: \* u\.(\w+) \*\* \(-1\))?(?!\w| \*)|Quantity\(${number}, u\.(\w+)\)`,
    'g',
  );
  return [...expression.matchAll(pattern)].map(([, value, unit = '', per, quantity, quantityUnit]) => ({
    value: Number(value ?? quantity),
    unit: quantityUnit ?? (per === undefined ? unit : `${unit}/${per}`),
  }));
}

function kelvin(value: number, unit: string): number {
  return unit === 'degC' ? Math.round((value + 273.15) * 100) / 100 : value;
}

function citedSources(path: string, citedBy: string, rows: Row[]): Row[] {
  const cited = new Set(rows.map((row) => row['source']));
  const entries = parseBibtex(readFileSync(new URL(path, data), 'utf8'));
  return entries
    .filter(({ key }) => cited.has(key))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ type, key, fields }) => ({
      key,
      ...(fields['title'] !== undefined && { title: plainText(fields['title']) }),
      year: Number(fields['year']),
      authors: bibAuthors(fields['author'] ?? ''),
      ...(fields['doi'] !== undefined && { doi: plainText(fields['doi']) }),
      ...(fields['url'] !== undefined && { url: plainText(fields['url']) }),
      type,
      cited_by: citedBy,
    }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(collections, { recursive: true });
  for (const [name, content] of Object.entries(sampleCollections())) {
    writeFileSync(new URL(name, collections), content);
  }
}
