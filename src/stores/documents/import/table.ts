import type { TableCell } from '../../../tables/cells.ts';
import { linesNamed } from '../../../tables/header.ts';
import type { StrayMarks } from '../../../tables/quoted-rows.ts';
import type { DecimalMark } from './number-marks.ts';

/** How tables are read where their files do not show it. */
export interface TableOptions {
  /** Types of columns by name, overriding inference; cells that do not fit stay text. */
  readonly types?: Readonly<Record<string, string>>;
  /** Such as windows-1252; it is guessed otherwise. */
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly decimal?: DecimalMark;
  /** Between groups of three digits; never guessed. */
  readonly thousands?: string;
  /** Of dates that are not in ISO 8601, as `$dateFromString` takes it. */
  readonly dateFormat?: string;
  /** Dots in names of columns stay what they are, instead of naming fields of nested documents. */
  readonly keepDots?: boolean;
  /** Whether the first row names the columns; it is decided by its content otherwise. */
  readonly header?: boolean;
}

export interface TableRow {
  readonly cells: readonly TableCell[];
  /** Its line, or its row in a sheet. */
  readonly at: number;
  readonly stray?: StrayMarks;
}

/** A table that can be read more than once. */
export interface Table {
  /** What its rows are counted by. */
  readonly unit: 'line' | 'row';
  /** Its cells have types of their own. */
  readonly isTyped: boolean;
  /** The beginning, in which the header is looked for. */
  readonly sample: readonly TableRow[];
  rows(): AsyncIterable<readonly TableRow[]>;
  /** How it is written, where that is not what the name of its file says. */
  readonly notes: readonly string[];
}

/** Counts what is odd, with the first few places. */
export function createPlaces() {
  let count = 0;
  const first: number[] = [];
  return {
    add(at: number): void {
      count++;
      if (first.length < 5) first.push(at);
    },
    /** Nothing, or one note. */
    notes(unit: string, one: string, many: string): string[] {
      if (count === 0) return [];
      const places = linesNamed(first, count).replaceAll('line', unit);
      return [`${count === 1 ? one : `${count.toLocaleString('en')} ${many}`} (${places})`];
    },
  };
}
