import type { ExportFormat, Sink } from './export.ts';

export const mimeTypes = { jsonl: 'application/jsonl', csv: 'text/csv' } as const;
export type ExportEnding = keyof typeof mimeTypes;

export const endingOf = (format: ExportFormat): ExportEnding => (format === 'csv' ? 'csv' : 'jsonl');

/** Exports that wait to be fetched, for a day. */
export interface Exports {
  /** Writes one under a name of its own, which cannot be guessed. */
  write<T>(ending: ExportEnding, produce: (sink: Sink) => Promise<T>): Promise<{ id: string; result: T }>;
  /** @throws HydrogenError `not_found` for one that is not there, or no more. */
  read(id: string): Promise<{ readonly text: string; readonly mimeType: string }>;
  /** Removes what is older than a day, what a crash left, and the oldest where there are too many. */
  removeExpired(): Promise<void>;
}
