/** How a table is written as text. */
export interface Dialect {
  /** One character. */
  readonly delimiter: string;
  /** What makes a quotation mark part of a quoted cell: another one before it, or a backslash, too. */
  readonly escapes: 'double' | 'backslash';
  /** Spaces after a delimiter belong to it, not to the cell. */
  readonly skipsSpace: boolean;
}

/** Longest quoted cell; a mark that is not closed within it opened none. A document holds no more. */
export const maxCell = 16 * 2 ** 20;

/** Marks that stand where none may: characters of the text, or around a quoted part with more text behind it. */
export type StrayMarks = 'kept' | 'dropped';

/** How a quotation mark inside a quoted cell is taken that neither ends it nor is escaped. */
type Stray = 'is a character' | 'ends the quoting';

interface Found {
  readonly cells: string[];
  /** Where the next row begins. */
  readonly next: number;
  readonly stray: StrayMarks | undefined;
}

interface Cell {
  readonly value: string;
  /** The index of the delimiter or line end after it. */
  readonly end: number;
  readonly stray: StrayMarks | undefined;
}

const isLineEnd = (character: string | undefined): boolean =>
  character === '\n' || character === '\r' || character === undefined;

/** The text after a quoted row's start is not there yet. */
export const more: unique symbol = Symbol('more');

/** A cell; undefined where a stray mark cannot be a character: no other one closes the cell on its line. */
type CellResult = Cell | typeof more | undefined;

/**
 * The index after a line end, or of the end of the text; undefined where that does not show yet: the text may go on, and
 * a carriage return may be half of a line end.
 */
export function afterLineEnd(text: string, end: number, isLast: boolean): number | undefined {
  if (text.charCodeAt(end) === 0x0a) return end + 1;
  if (end >= text.length - 1 && !isLast) return undefined;
  const isPair = text.charCodeAt(end) === 0x0d && text.charCodeAt(end + 1) === 0x0a;
  return Math.min(text.length, end + (isPair ? 2 : 1));
}

/** Reads the rows with quotation marks out of a text that may go on. */
export function quotedRows({ delimiter, escapes, skipsSpace }: Dialect) {
  const delimiterCode = delimiter.charCodeAt(0);

  const isEscaped = (text: string, quote: number): boolean => {
    let before = quote;
    while (text[before - 1] === '\\') before--;
    return (quote - before) % 2 === 1;
  };

  function unescaped(text: string): string {
    const single = text.includes('""') ? text.replaceAll('""', '"') : text;
    return escapes === 'backslash' ? single.replaceAll('\\"', '"') : single;
  }

  /** A cell that is not quoted, or whose first quotation mark opens nothing. */
  function plainCell(text: string, from: number): Cell {
    let end = from;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === delimiterCode || code === 0x0a || code === 0x0d) break;
    }
    const value = text.slice(from, end);
    return { value, end, stray: value.includes('"') ? 'kept' : undefined };
  }

  /** The cell up to a mark, with what follows until the next delimiter. */
  function cellUpTo(text: string, from: number, quote: number, stray: StrayMarks | undefined): Cell {
    const value = unescaped(text.slice(from + 1, quote));
    const rest = plainCell(text, quote + 1);
    return { value: rest.value === '' ? value : value + rest.value, end: rest.end, stray };
  }

  /** Whether the quoted cell ends with this mark: spaces may follow before the delimiter. */
  function closes(text: string, quote: number): boolean {
    let after = quote + 1;
    while (text.charCodeAt(after) === 0x20 && delimiterCode !== 0x20) after++;
    return text.charCodeAt(after) === delimiterCode || isLineEnd(text[after]);
  }

  /** Whether a cell runs over a line end before this place. */
  const isOverLines = (text: string, from: number, to: number): boolean =>
    /[\r\n]/.test(text.slice(from, to));

  /** The next mark that is not escaped; -1 where there is none, `more` where that does not show yet. */
  function nextMark(text: string, from: number, isLast: boolean): number | typeof more {
    let quote = text.indexOf('"', from);
    while (quote >= 0) {
      if (quote + 1 === text.length && !isLast) return more;
      if (escapes === 'backslash' && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
      else if (text.charCodeAt(quote + 1) === 0x22) quote = text.indexOf('"', quote + 2);
      else return quote;
    }
    return isLast ? -1 : more;
  }

  /** A cell with a stray mark in it, on the line where the cell begins: another one has to close it there. */
  function cellWithMarks(text: string, from: number, stray: number, isLast: boolean): CellResult {
    for (let after = stray + 1; ; ) {
      const quote = nextMark(text, after, isLast);
      const end = quote === more || quote < 0 ? text.length : quote;
      if (isOverLines(text, after, end)) return undefined;
      if (quote === more) return more;
      if (quote < 0) return undefined;
      if (closes(text, quote)) return cellUpTo(text, from, quote, 'kept');
      after = quote + 1;
    }
  }

  function quotedCell(text: string, from: number, isLast: boolean, stray: Stray): CellResult {
    const quote = nextMark(text, from + 1, isLast);
    const end = quote === more ? text.length : quote;
    if (end < 0 || end - from > maxCell) return plainCell(text, from);
    if (quote === more) return more;
    if (closes(text, quote)) return cellUpTo(text, from, quote, undefined);
    // A cell before a line that begins a quoted one again was never closed.
    if (isOverLines(text, from, quote)) return plainCell(text, from);
    return stray === 'ends the quoting'
      ? cellUpTo(text, from, quote, 'dropped')
      : cellWithMarks(text, from, quote, isLast);
  }

  function cellAt(text: string, from: number, isLast: boolean, stray: Stray) {
    let at = from;
    if (skipsSpace) while (text.charCodeAt(at) === 0x20) at++;
    return text.charCodeAt(at) === 0x22 ? quotedCell(text, at, isLast, stray) : plainCell(text, at);
  }

  function row(text: string, from: number, isLast: boolean, stray: Stray): Found | typeof more | undefined {
    const cells: string[] = [];
    let found: StrayMarks | undefined;
    for (let at = from; ; at++) {
      const cell = cellAt(text, at, isLast, stray);
      if (cell === undefined || cell === more) return cell;
      cells.push(cell.value);
      if (found !== 'dropped') found = cell.stray ?? found;
      at = cell.end;
      if (text.charCodeAt(at) === delimiterCode) continue;
      const next = afterLineEnd(text, at, isLast);
      return next === undefined ? more : { cells, next, stray: found };
    }
  }

  /**
   * A mark in the middle of a quoted cell is a character where that gives as many cells as the header has, and ends the
   * quoting where it does not, as in pandas: `"say "hi" now",1` and `"a"b,"c"` are both found.
   */
  return (text: string, from: number, isLast: boolean, width: number | undefined): Found | typeof more => {
    const asCharacter = row(text, from, isLast, 'is a character');
    if (asCharacter === more || (asCharacter && (!asCharacter.stray || asCharacter.cells.length === width))) {
      return asCharacter;
    }
    const asEnd = row(text, from, isLast, 'ends the quoting');
    if (asEnd === undefined || asEnd === more) return more;
    return width === undefined ? (asCharacter ?? asEnd) : asEnd;
  };
}
