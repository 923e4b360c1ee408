import { basename } from 'node:path';

/** Formats whose files may also be compressed. */
const textEndings = ['.json', '.jsonl', '.ndjson', '.geojson', '.csv', '.tsv', '.bson'] as const;

export type TextEnding = (typeof textEndings)[number];

/** Workbooks hold several tables, and are read in a process of their own. */
const workbookEndings = ['.xlsx', '.xlsm', '.ods'] as const;

/** The endings of files that can be imported. */
export const endings: readonly (TextEnding | (typeof workbookEndings)[number])[] = [
  ...textEndings,
  ...workbookEndings,
];

/** The name without the endings that indicate the format, and that format. */
export function formatOf(file: string): {
  readonly name: string;
  readonly format?: (typeof endings)[number];
} {
  const unpacked = basename(file).replace(/\.gz$/i, '');
  const format = endings.find((ending) => unpacked.toLowerCase().endsWith(ending));
  if (format === undefined || unpacked.length === format.length) return { name: unpacked };
  return { name: unpacked.slice(0, -format.length), format };
}

export const isWorkbook = (file: string): boolean =>
  !file.toLowerCase().endsWith('.gz') && workbookEndings.some((ending) => ending === formatOf(file).format);
