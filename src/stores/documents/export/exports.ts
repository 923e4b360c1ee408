import { createHash, randomBytes } from 'node:crypto';
import { type Call, type Caller, sightOf } from '../../../call.ts';
import type { ExportFormat, Sink } from './export.ts';

export const mimeTypes = { jsonl: 'application/jsonl', csv: 'text/csv' } as const;
export type ExportEnding = keyof typeof mimeTypes;

export const endingOf = (format: ExportFormat): ExportEnding => (format === 'csv' ? 'csv' : 'jsonl');

/** Exports that can be fetched for a day. */
export interface Exports {
  /** Writes one under an unguessable name, for the caller alone. */
  write<T>(
    ending: ExportEnding,
    produce: (sink: Sink) => Promise<T>,
    call: Call,
  ): Promise<{ id: string; result: T }>;
  /** @throws HydrogenError `not_found` for one that does not exist, has expired or is another caller's. */
  read(id: string, call: Call): Promise<{ readonly text: string; readonly mimeType: string }>;
  /** Where the file is. */
  pathOf(id: string): Promise<string>;
  /** Removes exports older than a day, leftovers of a crash, and the oldest when there are too many. */
  removeExpired(): Promise<void>;
}

/** 128 random bits, and a digest of these with the caller whose export it is. */
const written = /^([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{16})\.(jsonl|csv)$/;

const digestLength = 16;

function digestOf(random: string, caller: Caller): string {
  const known = [random, ...sightOf(caller)];
  return createHash('sha256').update(JSON.stringify(known)).digest('base64url').slice(0, digestLength);
}

export function newExportId(ending: ExportEnding, { caller }: Pick<Call, 'caller'>): string {
  const random = randomBytes(16).toString('base64url');
  return `${random}${digestOf(random, caller)}.${ending}`;
}

/** Whether an export is the caller's: an id may get about, as in a link that was passed on. */
export function isOwnExport(id: string, { caller }: Pick<Call, 'caller'>): boolean {
  const [, random, digest] = written.exec(id) ?? [];
  return random !== undefined && digest === digestOf(random, caller);
}

/** The ending of an id that is written like one. */
export const endingOfId = (id: string): ExportEnding | undefined =>
  written.exec(id)?.[3] as ExportEnding | undefined;
