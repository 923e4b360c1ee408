import { isData } from '../../tables/value-forms.ts';
import type { Block } from './loaders/loader.ts';

// Nobody searches for one reading among 200,000, and as passages they would fill an index and outvote its texts. A long
// table of numbers is found by what it is about: the names of its columns, what they range over, its few words.

/** Rows of numbers beyond which a table is summed up, unless the setting says otherwise. */
export const defaultMaxNumericRows = 1_000;

/** Rows of a long table that stay as they are. */
const firstRows = 20;
const lastRows = 5;
/** Most different words of a column that are still kinds of something, such as states or units, and not texts. */
const maxKinds = 50;
/** Numbers and moments among the cells of a table of numbers, at least. */
const minShare = 0.5;
/** Values of a column, on average, at least: a list of settings has a name for each. */
const minValues = 10;
/** Most units of a column: `12 bar` is a number, and a column of `12 Main`, `7 Elm` one of addresses. */
const maxUnits = 8;
/** Longest text of a kind. */
const maxKindLength = 60;

type Cell = readonly [name: string, value: string];

/** One row of a table, as a block of its own or as a line of one. */
type Row = Pick<Block, 'text' | 'lines' | 'place'>;

/** A long table of numbers: the blocks from `first` up to `end`. */
interface Bulk {
  readonly first: number;
  readonly end: number;
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
}

const named = /^([^:\n]{1,200}): (.*)$/s;

/** A row written as `name: value; …`, as lines of that form, or as values with marks or spaces between them. */
function cellsOf(text: string): readonly Cell[] {
  const parts = text.split(text.includes('\n') ? '\n' : '; ');
  const found = parts.map((part) => named.exec(part));
  if (found[0]) {
    const cells: [string, string][] = [];
    for (const [i, match] of found.entries()) {
      const last = cells.at(-1);
      if (match) cells.push([(match[1] ?? '').trim(), match[2] ?? '']);
      else if (last) last[1] += `; ${parts[i]}`;
    }
    return cells;
  }
  const values = text.trim().split(/\s*[|\t;]\s*|,\s+|\s+/);
  const separated = values.every(isNumber) ? values : text.split(/\s*[|\t]\s*/);
  return separated
    .filter((value) => value !== '')
    .map((value, i): Cell => [separated.length === 1 ? '' : `column ${i + 1}`, value]);
}

const clock = /^\d{1,2}:\d\d(:\d\d([.,]\d+)?)?$/;
const money = /^[-+]?\p{Sc}?\s?[-+]?\d{1,3}(?:[,\s']\d{3})*(?:[.,]\d+)?\s?\p{Sc}?$/u;
/** As a workbook shows measured values: `12.5 bar`, `3 m²/s`. */
const measured = /^[-+]?\d[\d.,]*\s[\p{L}°µ%‰/²³·^]{1,8}$/u;
const noNumber = /^(?:nan|[-+]?inf(?:inity)?|null|none|n\/a|na|-+)$/i;

const isNumber = (value: string): boolean =>
  isData(value) || clock.test(value) || money.test(value) || measured.test(value);

/** A value whose order is known, among those with the same unit. */
interface Ordered {
  readonly text: string;
  readonly key: number | string;
  readonly unit: string;
}

const plain = /^-?\d+(\.\d+)?$/;
/** What is of a number and no unit. */
const digit = /[\d.,'\s+-]|[eE](?=[+-]?\d)/g;
/** Moments whose order is that of their texts. */
const sortable = /^(\d{4}-\d\d-\d\d|\d\d:\d\d)/;

/** With the comma of a decimal or of thousands; undefined where it may be either. */
function withPoint(digits: string): string | undefined {
  if (!digits.includes(',')) return digits;
  if (/,\d{3}\./.test(digits)) return digits.replaceAll(',', '');
  return /^[-+]?(0,\d+|\d+,(\d{1,2}|\d{4,}))$/.test(digits) ? digits.replace(',', '.') : undefined;
}

/** Undefined where the order of a value cannot be told. */
function orderedOf(text: string): Ordered | undefined {
  if (plain.test(text)) return { text, key: Number(text), unit: '' };
  if (sortable.test(text)) return { text, key: text, unit: '' };
  const unit = text.replace(digit, '');
  const digits = withPoint((unit === '' ? text : text.replace(/[^\d.,+-]/g, '')).replace(/[\s']/g, ''));
  const key = Number(digits);
  return digits === undefined || Number.isNaN(key) ? undefined : { text, key, unit };
}

/** What is in a column. */
interface Column {
  readonly name: string;
  numbers: number;
  /** Of the values in one order. */
  ordered: number;
  least?: Ordered;
  greatest?: Ordered;
  /** Words and signs for no number, with their counts. */
  readonly kinds: Map<string, number>;
  readonly units: Set<string>;
}

function order(column: Column, value: Ordered): void {
  const { least = value, greatest = value } = column;
  // Bars and pascals, numbers and days have no order among one another.
  if (value.unit !== least.unit || typeof value.key !== typeof least.key) return;
  column.ordered++;
  column.least = value.key < least.key ? value : least;
  column.greatest = greatest.key < value.key ? value : greatest;
}

/** Adds a cell; what it counts as. A `text` makes its column one that somebody may search. */
function add(column: Column, value: string): 'number' | 'kind' | 'text' {
  if (isNumber(value)) {
    column.numbers++;
    const ordered = orderedOf(value);
    if (ordered === undefined) return 'number';
    order(column, ordered);
    return column.units.add(ordered.unit).size > maxUnits ? 'text' : 'number';
  }
  column.kinds.set(value, (column.kinds.get(value) ?? 0) + 1);
  if (column.kinds.size > maxKinds || value.length > maxKindLength) return 'text';
  return noNumber.test(value) ? 'number' : 'kind';
}

/** The columns of a table of numbers; undefined for one with texts that somebody may search for. */
function numericColumns(rows: Iterable<Row>): readonly Column[] | undefined {
  const columns = new Map<string, Column>();
  let [cells, numbers] = [0, 0];
  for (const { text } of rows) {
    for (const [name, value] of cellsOf(text)) {
      const column = columns.get(name) ?? {
        name,
        numbers: 0,
        ordered: 0,
        kinds: new Map(),
        units: new Set(),
      };
      columns.set(name, column);
      const kind = add(column, value);
      if (kind === 'text') return undefined;
      cells++;
      if (kind === 'number') numbers++;
    }
  }
  const isTable = cells >= columns.size * minValues;
  return isTable && numbers >= cells * minShare ? [...columns.values()] : undefined;
}

const shown = (count: number): string => count.toLocaleString('en');

/** A column in a line, as `pressure: 199,998 values from 0.1 to 998; 2 × n/a`. */
function columnLine({ name, numbers, ordered, least, greatest, kinds }: Column, rows: number): string {
  const filled = numbers + [...kinds.values()].reduce((sum, one) => sum + one, 0);
  const isOrdered = least && greatest && ordered === numbers;
  const range = isOrdered ? ` from ${least.text} to ${greatest.text}` : '';
  const parts = [
    ...(numbers > 0 ? [`${shown(numbers)} values${range}`] : []),
    ...[...kinds].sort(([, a], [, b]) => b - a).map(([kind, times]) => `${shown(times)} × ${kind}`),
    ...(filled < rows ? [`${shown(rows - filled)} empty`] : []),
  ];
  return `${name === '' ? 'values' : name}: ${parts.join('; ')}`;
}

const sameHeading = (a: Block, b: Block): boolean =>
  a.heading === b.heading ||
  (a.heading.length === b.heading.length && a.heading.every((part, i) => part === b.heading[i]));

/** Whether two blocks are on one page, in one sheet, or of a document without places. */
function samePlace({ place: a }: Block, { place: b }: Block): boolean {
  if (a === undefined || b === undefined) return a === b;
  return 'sheet' in a && 'sheet' in b ? a.sheet === b.sheet : JSON.stringify(a) === JSON.stringify(b);
}

/** The rows that a block holds: itself for a row or a record, or its lines. */
function rowsOf(block: Block): readonly Row[] {
  if (!block.text.includes('\n')) return [block];
  const { lines: range, place } = block;
  const lines = block.text.split('\n');
  if (block.rows && lines.every((line) => named.test(line))) return [block];
  return lines.flatMap((line, i) => {
    const at = Math.min(range[0] + i, range[1]);
    return line.trim() === '' ? [] : [{ text: line, lines: [at, at], ...(place && { place }) }];
  });
}

/** Blocks that follow one another under one heading and in one place: the first, and the one behind the last. */
function runsOf(blocks: readonly Block[]): [first: number, end: number][] {
  const runs: [number, number][] = [];
  for (const [i, block] of blocks.entries()) {
    const [last, before] = [runs.at(-1), blocks[i - 1]];
    if (last && before && sameHeading(before, block) && samePlace(before, block)) last[1] = i + 1;
    else runs.push([i, i + 1]);
  }
  return runs;
}

function linesIn(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function* rowsIn(blocks: readonly Block[]): Generator<Row> {
  for (const block of blocks) yield* rowsOf(block);
}

/** The blocks from `first` up to `end` if they are a long table of numbers; most texts show in their first rows that they are none. */
function bulk(blocks: readonly Block[], first: number, end: number, maxRows: number): Bulk[] {
  const part = blocks.slice(first, end);
  const columns = numericColumns(rowsIn(part));
  if (columns === undefined) return [];
  const rows = [...rowsIn(part)];
  return rows.length > maxRows ? [{ first, end, rows, columns }] : [];
}

/** The long tables of numbers in a document: single blocks among other text, or all blocks under a heading. */
function bulkOf(blocks: readonly Block[], maxRows: number): Bulk[] {
  return runsOf(blocks).flatMap(([first, end]) => {
    const lengths = blocks.slice(first, end).map(({ text }) => linesIn(text));
    if (lengths.reduce((sum, length) => sum + length, 0) <= maxRows) return [];
    const single = lengths.flatMap((length, i) =>
      length > maxRows ? bulk(blocks, first + i, first + i + 1, maxRows) : [],
    );
    return single.length > 0 ? single : bulk(blocks, first, end, maxRows);
  });
}

function span(rows: readonly Row[]): Pick<Block, 'lines' | 'place'> {
  const [first, last] = [rows[0], rows.at(-1)];
  const lines = [first?.lines[0] ?? 1, last?.lines[1] ?? 1] as const;
  const [from, to] = [first?.place, last?.place];
  if (from === undefined || to === undefined || !('sheet' in from) || !('sheet' in to))
    return { lines, ...(from && { place: from }) };
  return { lines, place: { sheet: from.sheet, rows: [from.rows[0], to.rows[1]] } };
}

/**
 * What stands for a table: its first rows, what its columns hold, its last rows. Each has a heading of its own, so that
 * nobody who sees a few rows takes them for all.
 */
function summed(heading: readonly string[], rows: readonly Row[], columns: readonly Column[]): Block[] {
  const count = shown(rows.length);
  const asBlock = (title: string, part: readonly Row[], lines: readonly string[]): Block => ({
    heading: [...heading, title],
    ...span(part),
    text: lines.join('\n'),
    rows: true,
  });
  const [first, last] = [rows.slice(0, firstRows), rows.slice(-lastRows)];
  const textsOf = (part: readonly Row[]): string[] => part.map(({ text }) => text);
  return [
    asBlock(`First ${firstRows} of ${count} rows`, first, textsOf(first)),
    asBlock(`All ${count} rows`, rows, [
      'Numbers, of which only the first and the last rows are searched. What the columns hold:',
      ...columns.map((column) => columnLine(column, rows.length)),
    ]),
    asBlock(`Last ${lastRows} of ${count} rows`, last, textsOf(last)),
  ];
}

/**
 * The blocks of a document with each table of numbers that has more than `maxRows` rows summed up: its first and last
 * rows, and the range and counts of each column. A table with a column of texts stays whole.
 * @param maxRows 0 for no limit
 * @returns `left`: the rows that no block holds any more
 */
export function withoutNumericBulk(
  blocks: readonly Block[],
  maxRows: number,
): { readonly blocks: readonly Block[]; readonly left: number } {
  if (maxRows === 0) return { blocks, left: 0 };
  const kept: Block[] = [];
  let [from, left] = [0, 0];
  for (const { first, end, rows, columns } of bulkOf(blocks, Math.max(maxRows, firstRows + lastRows))) {
    for (const block of blocks.slice(from, first)) kept.push(block);
    for (const block of summed(blocks[first]?.heading ?? [], rows, columns)) kept.push(block);
    from = end;
    left += rows.length - firstRows - lastRows;
  }
  if (left === 0) return { blocks, left };
  for (const block of blocks.slice(from)) kept.push(block);
  return { blocks: kept, left };
}
