import { stringifyExtendedJson } from '../../mql/formats.ts';
import type { Cap } from '../../stores/documents/document-store.ts';
import type { ToolContext } from './define.ts';

// How large an answer may be: `maxAnswerBytes` of the settings (`config.ts`), and `maxRows` of rows. A store stops
// reading at what `queryBounds` leaves of them; rows that come without such a bound are cut when they are rendered
// (`render.ts`); a document's text and a run's output are measured by their tools.

/** Bytes of an answer that are left to what stands beside its content. */
const reserved = {
  /** A summary before rows or text. */
  summary: 500,
  /** A summary with a cursor, which holds the arguments of the call. */
  cursor: 1_500,
  /** The steps and notes of a run. */
  steps: 4_000,
} as const;

/** What an answer of `maxAnswerBytes` leaves for its content. */
export function contentBytes(
  { maxAnswerBytes }: Pick<ToolContext['config'], 'maxAnswerBytes'>,
  beside: keyof typeof reserved = 'summary',
): number {
  return maxAnswerBytes - reserved[beside];
}

/** JSON lines of relaxed Extended JSON, as many from the front as fit into `maxBytes`. */
export function fittingLines(rows: readonly unknown[], maxBytes: number): string[] {
  const lines: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    const line = stringifyExtendedJson(row, { relaxed: true });
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > maxBytes) break;
    lines.push(line);
  }
  return lines;
}

/** Whether all rows fit into an answer, with a summary before them. */
export function allFit(rows: readonly unknown[], config: ToolContext['config']): boolean {
  return fittingLines(rows, contentBytes(config)).length === rows.length;
}

/** What a query may bring: what the caller asked for, within the settings. */
export function queryBounds({ config }: ToolContext, limit: number): { limit: number; maxBytes: number } {
  return { limit: Math.min(limit, config.maxRows), maxBytes: contentBytes(config) };
}

/** Names the cap that was reached and what to do about it; `more` says how to get what follows. */
export function capNotice(cap: Cap, requested: number, { config }: ToolContext, more: string): string {
  const { maxRows, maxAnswerBytes } = config;
  const which = {
    limit:
      requested >= maxRows
        ? `an answer holds at most ${maxRows} rows`
        : `the limit is ${requested} (at most ${maxRows})`,
    bytes: `an answer holds ${maxAnswerBytes.toLocaleString('en')} bytes`,
  };
  return `More remain: ${which[cap]}. ${more}`;
}
