import { createHash, randomBytes } from 'node:crypto';
import { type Call, type Caller, sightOf } from '../../../call.ts';
import type { ExportFormat, Sink } from './export.ts';

export const mimeTypes = { jsonl: 'application/jsonl', csv: 'text/csv' } as const;
export type ExportEnding = keyof typeof mimeTypes;

export const endingOf = (format: ExportFormat): ExportEnding => (format === 'csv' ? 'csv' : 'jsonl');

/** Which exports; all that is given has to be true of them. */
export interface ChosenExports {
  /** Ids of callers: it was made by one of them. */
  readonly callers?: readonly string[];
  /** It was complete before it, ms since the epoch. */
  readonly before?: number;
}

/** Exports that can be fetched for the time of the settings. */
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
  count(chosen: ChosenExports, call: Call): Promise<number>;
  /** Removes those that are chosen, in this process's folder, too. @returns how many there were */
  erase(chosen: ChosenExports, call: Call): Promise<number>;
  /** Removes exports that were kept long enough, leftovers of a crash, and the oldest when there are too many. */
  removeExpired(): Promise<void>;
}

/** 128 random bits, and digests of these: with all that decides what the caller sees, and with its id alone. */
const written = /^([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{16})([A-Za-z0-9_-]{16})\.(jsonl|csv)$/;

const digestLength = 16;

const digestOf = (random: string, known: readonly unknown[]): string =>
  createHash('sha256')
    .update(JSON.stringify([random, ...known]))
    .digest('base64url')
    .slice(0, digestLength);

export function newExportId(ending: ExportEnding, { caller }: Pick<Call, 'caller'>): string {
  const random = randomBytes(16).toString('base64url');
  return `${random}${digestOf(random, sightOf(caller))}${digestOf(random, [caller.id])}.${ending}`;
}

/** Whether an export is the caller's to read: an id may get about, as in a link that was passed on. */
export function isOwnExport(id: string, { caller }: Pick<Call, 'caller'>): boolean {
  const [, random, digest] = written.exec(id) ?? [];
  return random !== undefined && digest === digestOf(random, sightOf(caller));
}

/** Whether a caller of that id has made an export, whatever its rights were then. */
export function isMadeBy(id: string, caller: Pick<Caller, 'id'>): boolean {
  const [, random, , digest] = written.exec(id) ?? [];
  return random !== undefined && digest === digestOf(random, [caller.id]);
}

/** The ending of an id that is written like one. */
export const endingOfId = (id: string): ExportEnding | undefined =>
  written.exec(id)?.[4] as ExportEnding | undefined;
