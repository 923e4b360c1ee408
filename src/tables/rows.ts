import { badInput } from '../errors.ts';
import { afterLineEnd, type Dialect, maxCell, more, quotedRows, type StrayMarks } from './quoted-rows.ts';

/** A row of a table. */
export interface TextRow {
  readonly cells: readonly string[];
  /** First and last line, from 1. */
  readonly lines: readonly [number, number];
  /** What became of quotation marks that stand where none may. */
  readonly stray: StrayMarks | undefined;
}

/** Rows from text that arrives in pieces. */
export interface RowReader {
  /**
   * The rows that end in this piece, some at a time; blank lines are none. They are to be taken to the last one before
   * the next piece is read.
   * @throws HydrogenError `bad_input` for a row that is longer than any document may be
   */
  read(piece: string, isLast: boolean): Iterable<readonly TextRow[]>;
}

/** Longest row: a mark that opened nothing shows after a cell, and some cells may stand before it. */
const maxRow = maxCell + 2 ** 20;

/**
 * Most rows at a time: where a mark turns out to open nothing, millions of short rows end at once, and take a hundred
 * times their text.
 */
const maxRows = 2000;

function* parts(rows: Iterable<TextRow>): Generator<readonly TextRow[]> {
  let part: TextRow[] = [];
  for (const row of rows) {
    part.push(row);
    if (part.length < maxRows) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function lineEndsIn(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) count++;
  }
  return count;
}

/** Looks for a character again and again, each time further on. */
function finder(text: string, character: string): (from: number) => number {
  let found = text.indexOf(character);
  return (from) => {
    if (found < from) found = text.indexOf(character, from);
    if (found < 0) found = text.length;
    return found;
  };
}

/**
 * Reads delimited text, as tolerantly as pandas and beyond: line ends of any kind, rows of any length, and quotation
 * marks that were not escaped or never closed, which are characters then.
 * @param firstLine the number of the line with which the text begins
 */
export function createRowReader(dialect: Dialect, firstLine = 1): RowReader {
  const { delimiter, skipsSpace } = dialect;
  const quotedRow = quotedRows(dialect);
  let text = '';
  let line = firstLine;
  /** The number of cells of the first row. */
  let width: number | undefined;
  /** A row that did not end is read again once there is twice as much of it, so that a long one is not read often. */
  let enough = 0;

  function plainRow(from: number, end: number): TextRow | undefined {
    const cells = text.slice(from, end).split(delimiter);
    if (cells.length === 1 && cells[0]?.trim() === '') return undefined;
    const kept = skipsSpace ? cells.map((cell) => cell.trimStart()) : cells;
    return { cells: kept, lines: [line, line], stray: undefined };
  }

  function* rowsIn(isLast: boolean): Generator<TextRow> {
    const quoteFrom = finder(text, '"');
    const lineFeedFrom = finder(text, '\n');
    const carriageFrom = finder(text, '\r');
    let at = 0;
    while (at < text.length) {
      const end = Math.min(lineFeedFrom(at), carriageFrom(at));
      let next: number | undefined;
      let row: TextRow | undefined;
      if (quoteFrom(at) >= end) {
        next = afterLineEnd(text, end, isLast);
        if (next === undefined) break;
        row = plainRow(at, end);
        line++;
      } else {
        const found = quotedRow(text, at, isLast, width);
        if (found === more) break;
        ({ next } = found);
        const ends = lineEndsIn(text, at, next);
        const isEnded = lineEndsIn(text, next - 1, next) > 0;
        row = { cells: found.cells, lines: [line, line + ends - (isEnded ? 1 : 0)], stray: found.stray };
        line += ends;
      }
      at = next;
      if (row === undefined) continue;
      width ??= row.cells.length;
      yield row;
    }
    text = text.slice(at);
  }

  return {
    *read(piece, isLast) {
      text = text === '' ? piece : text + piece;
      if (text.length < enough && !isLast) return;
      yield* parts(rowsIn(isLast));
      if (text.length > maxRow) {
        const length = `${maxCell / 2 ** 20} MiB`;
        throw badInput(
          `Line ${line.toLocaleString('en')} is longer than ${length}: the file is no table, or has no line ends.`,
        );
      }
      enough = text.length * 2;
    },
  };
}
