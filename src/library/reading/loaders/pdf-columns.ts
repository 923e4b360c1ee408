/** The part of pdf.js's text items that is used; other items have no `str`. */
interface TextItem {
  readonly str?: string;
  readonly transform?: readonly number[];
  readonly width?: number;
  readonly hasEOL?: boolean;
}

// Some programs write a page line by line across its columns, so that each line holds one of every column.

/** A line as it was written, with its horizontal extent in units of the page. */
interface Row {
  readonly items: readonly TextItem[];
  /** Free space between words, from the left. */
  readonly gaps: readonly (readonly [from: number, to: number])[];
  readonly left: number;
  readonly right: number;
}

/** Narrowest space between columns, as a multiple of the size of their type. */
const minGutter = 1;
/** Fewest lines that are columns beside each other. */
const minRows = 6;
/** Fewest characters of a column's line, on average: cells of tables hold less. */
const minCharacters = 22;

const isWord = ({ str = '' }: TextItem): boolean => str.trim() !== '';
const startOf = ({ transform }: TextItem): number => transform?.[4] ?? 0;
const endOf = (item: TextItem): number => startOf(item) + (item.width ?? 0);

function rowOf(items: readonly TextItem[]): Row {
  const words = items.filter(isWord);
  const gaps = words.slice(1).flatMap((word, i) => {
    const before = words[i];
    const [from, to] = [before === undefined ? 0 : endOf(before), startOf(word)];
    const [, , c = 0, d = 0] = word.transform ?? [];
    return to - from >= Math.hypot(c, d) * minGutter ? [[from, to] as const] : [];
  });
  const ends = words.map(endOf);
  return { items, gaps, left: Math.min(...words.map(startOf)), right: Math.max(...ends) };
}

function rowsOf(items: readonly TextItem[]): Row[] {
  const rows: TextItem[][] = [[]];
  for (const item of items) {
    if (item.str === undefined) continue;
    rows.at(-1)?.push(item);
    if (item.hasEOL) rows.push([]);
  }
  return rows.filter((row) => row.length > 0).map(rowOf);
}

const hasGapAt = ({ gaps }: Row, x: number): boolean => gaps.some(([from, to]) => from < x && x < to);

const lettersOf = (items: readonly TextItem[]): number =>
  items.reduce((sum, { str = '' }) => sum + str.trim().length, 0);

/** The place in which most lines have a gap, and how many: gaps are swept from the left, since a page may have thousands. */
function widestGap(rows: readonly Row[]): readonly [x: number, count: number] {
  const ends = rows.flatMap(({ gaps }) =>
    gaps.flatMap(([from, to]): [x: number, change: 1 | -1][] => [
      [from, 1],
      [to, -1],
    ]),
  );
  ends.sort(([a, one], [b, other]) => a - b || one - other);
  let [open, most, best] = [0, 0, 0];
  for (const [i, [x, change]] of ends.entries()) {
    open += change;
    if (open > most) [most, best] = [open, (x + (ends[i + 1]?.[0] ?? x)) / 2];
  }
  return [best, most];
}

/** Where most lines have a gap between texts that are too long for cells of a table; undefined for a page of one column. */
function gutterOf(rows: readonly Row[]): number | undefined {
  const [best, most] = widestGap(rows);
  if (most < minRows) return undefined;
  const crossing = rows.filter((row) => row.left < best && row.right > best && !hasGapAt(row, best)).length;
  if (crossing > most) return undefined;
  const split = rows.filter((row) => hasGapAt(row, best)).map((row) => sidesOf(row, best));
  const isText = [0, 1].every(
    (side) =>
      split.reduce((sum, sides) => sum + lettersOf(sides[side] ?? []), 0) >= split.length * minCharacters,
  );
  return isText ? best : undefined;
}

function sidesOf({ items }: Row, x: number): readonly [TextItem[], TextItem[]] {
  const at = items.findIndex((item) => isWord(item) && startOf(item) > x);
  return [items.slice(0, at), items.slice(at)];
}

const ended = (items: readonly TextItem[]): TextItem[] =>
  items.map((item, i) => (i === items.length - 1 ? { ...item, hasEOL: true } : item));

function ordered(rows: readonly Row[]): TextItem[] {
  const gutter = gutterOf(rows);
  if (gutter === undefined) return rows.flatMap(({ items }) => items);
  const result: TextItem[] = [];
  let columns: [Row[], Row[]] = [[], []];
  const flush = (): void => {
    for (const column of columns) for (const item of ordered(column)) result.push(item);
    columns = [[], []];
  };
  for (const row of rows) {
    if (hasGapAt(row, gutter)) {
      const [left, right] = sidesOf(row, gutter);
      columns[0].push(rowOf(ended(left)));
      columns[1].push(rowOf(right));
    } else if (row.right <= gutter) columns[0].push(row);
    else if (row.left >= gutter) columns[1].push(row);
    else {
      flush();
      result.push(...row.items);
    }
  }
  flush();
  return result;
}

const isUpright = ({ transform: [, b = 0, c = 0] = [] }: TextItem): boolean => b === 0 && c === 0;

/** The text items of a page, one column after the other where they were written side by side. */
export function inReadingOrder(items: readonly TextItem[]): readonly TextItem[] {
  if (!items.filter(isWord).every(isUpright)) return items;
  const rows = rowsOf(items);
  return gutterOf(rows) === undefined ? items : ordered(rows);
}
