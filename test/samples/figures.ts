import { readFileSync } from 'node:fs';
import { parseBibtex } from '../../scripts/bibtex.ts';
import { quantities } from '../../scripts/samples.ts';
import { sentences } from './prose.ts';

type Quantity = { value: number; unit: string };
type Figure = { value: number; unit: string | undefined; at: number; length: number };
type Evidence = { quantities: Quantity[]; periods: number[] };

/** A stretch of prose that ends at a citation, or at the end of its sentence if `key` is undefined. */
export type Clause = { text: string; key: string | undefined };

const data = new URL('../../samples/data/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, data), 'utf8');
const rows = (path: string) =>
  read(path)
    .trim()
    .split(/\r?\n/)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const keys = new Set(
  ['h2_posted/sources.bib', 'h2_transport_materials/references.bib'].flatMap((path) =>
    parseBibtex(read(path)).map(({ key }) => key),
  ),
);

const evidence = Map.groupBy(
  [
    ...rows('h2_posted/tedf.jsonl').map((row) => ({ key: row['source'], ...technology(row) })),
    ...rows('h2_transport_materials/properties.jsonl').map((row) => ({
      key: row['source'],
      ...property(row),
    })),
  ],
  ({ key }) => key,
);

/** What one row of the technology table supports: value, uncertainty, reference, plant size, period. */
function technology(row: Record<string, unknown>): Evidence {
  const unit = String(row['unit']);
  const size = [...String(row['size'] ?? '').matchAll(/(\d+(?:\.\d+)?) MW/g)];
  return {
    quantities: [
      { value: Number(row['value']), unit },
      { value: Number(row['uncertainty']), unit },
      { value: Number(row['reference_value']), unit: String(row['reference_unit']) },
      ...size.map(([, value]) => ({ value: Number(value), unit: 'MW' })),
    ],
    periods: (String(row['period']).match(/\d{4}/g) ?? []).map(Number),
  };
}

/** What one row of the materials table supports: every quantity that it states literally. */
function property(row: Record<string, unknown>): Evidence {
  return { quantities: Object.values(row).flatMap(quantities), periods: [] };
}

/** Units as the pages write them, and the units of the tables that each may stand for. */
const UNITS: Record<string, RegExp> = {
  percent: /^percent/,
  kWh: /^kWh/,
  MWh: /^MWh/,
  GJ: /^GJ/,
  MJ: /^MJ/,
  kg: /^kg/,
  t: /^t(_|\/|$)/,
  lb: /^lb/,
  kW: /^kW(_|\/|$)/,
  MW: /^MW(_|\/|$)/,
  years: /^(year|yr|a)$/,
  'cubic metres': /^cubic_meter/,
  'J/mol': /^J\/mol$/,
  'kJ/mol': /^kJ\/mol$/,
  K: /^K$/,
  '°C': /^degC$/,
};
const MONEY = /^(million )?(EUR|USD)(\d{4})$/;
const UNIT = String.raw`(?:million )?(?:EUR|USD)\d{4}|${Object.keys(UNITS).join('|')}`;
const FIGURE = new RegExp(
  String.raw`(?<![\w.,])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?=(?: ± [\d.,]+)? (${UNIT})(?![\w/]))|(?<![\w.,])(\d{4})\b`,
  'g',
);

/** Names that hold a digit and are no figures: chemical formulae, classes of alloys, a grade. */
const NAMES = /\b(?:(?:Al|B|C|Ca|Fe|H|La|Mg|N|Na|Ni|O|Pd|S|Ti)\d?)+\b|\bAB[25]\b|\b316L\b/g;
/** Amounts in words; "half-cell" and the like are names. */
const WORDS =
  /\b(?:half|halves|third|quarters?|twice|thrice|triple|\w+fold|dozens?|hundreds?|thousands?|millions?|billions?|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|per cent)\b(?!-)/i;

/** A document's clauses: each citation governs the words since the one before it in its sentence. */
export function clauses(name: string, text: string): Clause[] {
  return sentences(name, text).flatMap((sentence) => {
    const parts = sentence.split(/\[([\w.:-]+)\]/);
    return parts.flatMap((part, index) => (index % 2 === 0 ? [{ text: part, key: parts[index + 1] }] : []));
  });
}

/** The figures of a clause, with the unit that follows each; a bare number of four digits is a year. */
export function figures(text: string): Figure[] {
  return [...text.matchAll(FIGURE)].map(({ 0: match, 2: unit, index }) => ({
    value: Number(match.replaceAll(',', '')),
    unit,
    at: index,
    length: match.length,
  }));
}

/** What is wrong with a clause's figures, or undefined: each must be in one row of the source that it cites. */
export function complaint({ text, key }: Clause): string | undefined {
  if (key !== undefined && !keys.has(key)) return `[${key}] is in neither .bib file`;
  const found = figures(text);
  const rest = text
    .replace(FIGURE, '')
    .replace(/ (?:EUR|USD)\d{4}/g, '')
    .replace(NAMES, '');
  if (/\d/.test(rest)) return `a number without a known unit in "${text}"`;
  if (WORDS.test(text.replace(/\bmillion (?=EUR|USD)/g, ''))) return `an amount in words in "${text}"`;
  if (found.length === 0) return undefined;
  if (key === undefined) return `no citation after the figures of "${text}"`;
  const supported = evidence.get(key)?.some((row) => found.every((figure) => states(row, figure)));
  return supported ? undefined : `no single row of ${key} states the figures of "${text}"`;
}

function states(row: Evidence, { value, unit }: Figure): boolean {
  if (unit === undefined) return row.periods.includes(value);
  const money = MONEY.exec(unit);
  const fits = (of: string) =>
    money ? of.startsWith(`${money[1] ? 'M' : ''}${money[2]}_${money[3]}`) : UNITS[unit]?.test(of) === true;
  return row.quantities.some((quantity) => quantity.value === value && fits(quantity.unit));
}
