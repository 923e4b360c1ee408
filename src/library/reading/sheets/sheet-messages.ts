import type { TableCell } from '../../../tables/cells.ts';

/** A request to the process that reads workbooks: a file by its real path. */
export interface SheetRequest {
  readonly file: string;
}

/** A row with its number, from 1; what is empty is ''. */
export interface SentRow {
  readonly at: number;
  readonly cells: readonly TableCell[];
}

/** Some rows of a sheet. The first of a sheet are told with its name; the end, or a reason why there is none, is last. */
export type SheetMessage =
  | { readonly sheet: string; readonly hasMerged: boolean }
  | { readonly rows: readonly SentRow[] }
  | { readonly end: true }
  | { readonly unreadable: string };
