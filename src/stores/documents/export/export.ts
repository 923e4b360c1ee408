import type { Call } from '../../../call.ts';
import { badInput, HydrogenError } from '../../../errors.ts';
import { type Document, stringifyExtendedJson } from '../../../mql/formats.ts';
import { typeName } from '../../../mql/values/types.ts';
import type { DocumentStore } from '../document-store.ts';
import { cellsOf, cellText, createColumns, csvRow, looksLikeFormula } from './csv-cells.ts';
import { type ExportQuery, pagesOf } from './pages.ts';

/** `jsonl`: relaxed Extended JSON lines; `extended_json`: canonical ones, which preserve every type. */
export const exportFormats = ['jsonl', 'extended_json', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Columns of a CSV; all that occur if absent. */
  readonly fields?: readonly string[];
  /** In a CSV, texts that a spreadsheet program may take for formulas get an apostrophe before them. */
  readonly escapeFormulas?: boolean;
  /** A CSV begins with a byte-order mark: Excel reads one without it in an encoding of the system, not in UTF-8. */
  readonly bom?: boolean;
  /** Bytes of text; the rest is left out. */
  readonly maxBytes?: number;
}

export interface ExportReport {
  readonly documents: number;
  readonly bytes: number;
  /** True when `maxBytes` was reached before the last document. */
  readonly cut: boolean;
  /** For CSV only. */
  readonly columns?: readonly string[];
  /** For a CSV without named columns: values written since the columns were determined, which fit none of them. */
  readonly leftOut?: number;
  /** For a CSV: texts that a spreadsheet program may take for formulas. */
  readonly formulas?: number;
  /** For canonical Extended JSON: documents with data that reads as one of its types, such as a field "$oid". */
  readonly ambiguous?: number;
}

/** Takes the text in order, piece by piece; resolves when there is room for more. */
export type Sink = (text: string) => Promise<void>;

/** Beyond this it is not a table; field names that are data (ids, dates) cause this. */
const maxColumns = 2_000;

interface Lines {
  readonly head: string;
  line(document: Document): string;
  readonly leftOut?: () => number;
  readonly formulas?: () => number;
  readonly ambiguous?: () => number;
  readonly columns?: readonly string[];
}

/** From https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/, where they begin an object. */
const typeNames = new Set(
  'oid numberInt numberLong numberDouble numberDecimal symbol uuid date binary regularExpression timestamp code dbPointer minKey maxKey undefined'
    .split(' ')
    .map((name) => `$${name}`),
);

function readsAsType(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(readsAsType);
  if (typeName(value) !== 'object') return false;
  const names = Object.keys(value as Document);
  return typeNames.has(names[0] ?? '') || Object.values(value as Document).some(readsAsType);
}

function jsonLines(relaxed: boolean): Lines {
  let ambiguous = 0;
  return {
    head: '',
    ambiguous: () => ambiguous,
    line(document) {
      if (!relaxed && readsAsType(document)) ambiguous++;
      return `${stringifyExtendedJson(document, { relaxed })}\n`;
    },
  };
}

function csvLines(columns: readonly string[], { escapeFormulas = false, bom = false }: ExportOptions): Lines {
  const places = new Map(columns.map((column, i) => [column, i]));
  let leftOut = 0;
  let formulas = 0;
  const text = (value: unknown): string => {
    const plain = cellText(value);
    if (typeof value !== 'string' || !looksLikeFormula(plain)) return plain;
    if (escapeFormulas) return `'${plain}`;
    formulas++;
    return plain;
  };
  return {
    head: `${bom ? '\uFEFF' : ''}${csvRow(columns.map(text))}`,
    columns,
    leftOut: () => leftOut,
    formulas: () => formulas,
    line(document) {
      const row: string[] = new Array(columns.length).fill('');
      for (const [path, value] of cellsOf(document, places)) {
        const place = places.get(path);
        if (place !== undefined) row[place] = text(value);
        else if (cellText(value) !== '') leftOut++;
      }
      return csvRow(row);
    },
  };
}

/** Every column that occurs, in order of first appearance: reads all documents once. */
async function columnsOf(store: DocumentStore, query: ExportQuery, call: Call): Promise<string[]> {
  const columns = createColumns();
  for await (const documents of pagesOf(store, query, call)) {
    for (const document of documents) columns.add(document);
    if (columns.size() > maxColumns) {
      throw badInput(
        `A CSV would have more than ${maxColumns.toLocaleString('en')} columns: name those that matter in "fields", or export as jsonl.`,
      );
    }
  }
  return columns.list();
}

/** @throws HydrogenError `bad_input` for columns that only a CSV has. */
async function linesOf(
  store: DocumentStore,
  query: ExportQuery,
  options: ExportOptions,
  call: Call,
): Promise<Lines> {
  const { format, fields, escapeFormulas, bom } = options;
  if (format !== 'csv') {
    if (fields) throw badInput('"fields" are the columns of a CSV: use a projection for other formats.');
    if (escapeFormulas) throw badInput('Only a CSV has cells in which formulas could be escaped.');
    if (bom)
      throw badInput('Only a CSV may begin with a byte-order mark: readers of JSON take it for an error.');
    return jsonLines(format === 'jsonl');
  }
  if (fields) return { ...csvLines(fields, options), leftOut: () => 0 };
  return csvLines(await columnsOf(store, query, call), options);
}

/**
 * Writes the documents of a query to `sink`, with one page in memory at a time. Progress counts documents.
 * @throws HydrogenError as `DocumentStore.find`; `bad_input` for a CSV with too many columns
 */
export async function exportDocuments(
  store: DocumentStore,
  query: ExportQuery,
  options: ExportOptions,
  sink: Sink,
  call: Call,
): Promise<ExportReport> {
  const { maxBytes = Number.POSITIVE_INFINITY } = options;
  const lines = await linesOf(store, query, options, call);
  let bytes = Buffer.byteLength(lines.head);
  let documents = 0;
  let cut = false;
  if (lines.head !== '') await sink(lines.head);
  for await (const page of pagesOf(store, query, call)) {
    const text: string[] = [];
    for (const document of page) {
      const line = lines.line(document);
      const size = Buffer.byteLength(line);
      cut = bytes + size > maxBytes;
      if (cut) break;
      bytes += size;
      documents++;
      text.push(line);
    }
    if (text.length > 0) await sink(text.join(''));
    call.progress({ done: documents, message: `documents of ${query.collection}` });
    if (cut) break;
  }
  if (cut && documents === 0) {
    throw new HydrogenError(
      'too_large',
      `The first document alone exceeds the export limit (${maxBytes.toLocaleString('en')} bytes): select fewer of its fields with a projection.`,
    );
  }
  const leftOut = lines.leftOut?.() ?? 0;
  const formulas = lines.formulas?.() ?? 0;
  const ambiguous = lines.ambiguous?.() ?? 0;
  return {
    documents,
    bytes,
    cut,
    ...(lines.columns && { columns: lines.columns }),
    ...(leftOut > 0 && { leftOut }),
    ...(formulas > 0 && { formulas }),
    ...(ambiguous > 0 && { ambiguous }),
  };
}

/** What a reader of the file should know besides its size. */
export function exportNotes({ leftOut = 0, formulas = 0, ambiguous = 0 }: ExportReport): string[] {
  return [
    ...(leftOut > 0
      ? [`${leftOut.toLocaleString('en')} values written during the export fit no column.`]
      : []),
    ...(formulas > 0
      ? [
          `${formulas === 1 ? '1 text looks' : `${formulas.toLocaleString('en')} texts look`} like a formula ("=…", "@…"), and a spreadsheet program may run it: open the file only if its data can be trusted, or export it with \`hydrogen export --escape-formulas\`.`,
        ]
      : []),
    ...(ambiguous > 0
      ? [
          `${ambiguous.toLocaleString('en')} documents have fields named like Extended JSON types ("$oid", "$date", …): readers will take them for those types.`,
        ]
      : []),
  ];
}
