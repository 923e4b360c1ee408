import type { Call } from '../../../call.ts';
import type { ExportFormat, Sink } from './export.ts';

export const mimeTypes = { jsonl: 'application/jsonl', csv: 'text/csv' } as const;
export type ExportEnding = keyof typeof mimeTypes;

export const endingOf = (format: ExportFormat): ExportEnding => (format === 'csv' ? 'csv' : 'jsonl');

/** Exports that can be fetched for a day. */
export interface Exports {
  /** Writes one under an unguessable name. */
  write<T>(
    ending: ExportEnding,
    produce: (sink: Sink) => Promise<T>,
    call: Call,
  ): Promise<{ id: string; result: T }>;
  /** @throws HydrogenError `not_found` for one that does not exist or has expired. */
  read(id: string, call: Call): Promise<{ readonly text: string; readonly mimeType: string }>;
  /** Where the file is. */
  pathOf(id: string): Promise<string>;
  /** Removes exports older than a day, leftovers of a crash, and the oldest when there are too many. */
  removeExpired(): Promise<void>;
}

/** 128 random bits: only those who were given the id know it. */
const written = /^[A-Za-z0-9_-]{22}\.(jsonl|csv)$/;

/** The ending of an id that is written like one. */
export const endingOfId = (id: string): ExportEnding | undefined =>
  written.exec(id)?.[1] as ExportEnding | undefined;
