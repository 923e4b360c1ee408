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

/** What a caller has of the exports. */
export interface HeldExports {
  /** For each at least what a small file takes. */
  readonly bytes: number;
  /** When the first of them ends, ms since the epoch; absent where there is none. */
  readonly firstEndsAt?: number;
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
  /** Whether `read` would find it. */
  has(id: string, call: Call): Promise<boolean>;
  /** Where the file is. */
  pathOf(id: string): Promise<string>;
  /** What the caller, whatever its rights are now, has of those that can be fetched, from whichever process. */
  held(call: Call): Promise<HeldExports>;
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
function isMadeBy(id: string, caller: Pick<Caller, 'id'>): boolean {
  const [, random, , digest] = written.exec(id) ?? [];
  return random !== undefined && digest === digestOf(random, [caller.id]);
}

export const isChosen = (
  { callers, before }: ChosenExports,
  { id, at }: { readonly id: string; readonly at: number },
): boolean =>
  (callers?.some((caller) => isMadeBy(id, { id: caller })) ?? true) && (before === undefined || at < before);

/** The ending of an id that is written like one. */
export const endingOfId = (id: string): ExportEnding | undefined =>
  written.exec(id)?.[4] as ExportEnding | undefined;

/** An export as a store knows it. */
interface KeptExport {
  readonly id: string;
  readonly bytes: number;
  /** When it was complete, ms since the epoch. */
  readonly at: number;
}

/** What the smallest file takes on a disk: exports of a few bytes do not fill one for nothing. */
export const minExportBytes = 4_096;

/** @param all those that can be fetched */
export function heldOf(
  all: readonly KeptExport[],
  { caller }: Pick<Call, 'caller'>,
  lifetimeMs: number,
): HeldExports {
  const own = all.filter(({ id }) => isMadeBy(id, caller));
  if (own.length === 0) return { bytes: 0 };
  return {
    bytes: own.reduce((sum, { bytes }) => sum + Math.max(bytes, minExportBytes), 0),
    firstEndsAt: Math.min(...own.map(({ at }) => at)) + lifetimeMs,
  };
}

/**
 * Which exports have to go for the others to have room: the oldest, and those of whoever has written the newest one before
 * those of others, so that nobody can push out what others have while having any. The newest stays whatever its size.
 * @param newest the one just written, and by whom
 */
export function beyondRoom(
  all: readonly KeptExport[],
  maxTotalBytes: number,
  newest?: { readonly id: string; readonly caller: Pick<Caller, 'id'> },
): string[] {
  let over = all.reduce((sum, { bytes }) => sum + bytes, 0) - maxTotalBytes;
  if (over <= 0) return [];
  const byAge = [...all].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const stays = newest?.id ?? byAge.at(-1)?.id;
  const isOwn = ({ id }: KeptExport): boolean => newest !== undefined && isMadeBy(id, newest.caller);
  const gone: string[] = [];
  for (const { id, bytes } of [...byAge.filter(isOwn), ...byAge.filter((one) => !isOwn(one))]) {
    if (over <= 0) break;
    if (id === stays) continue;
    gone.push(id);
    over -= bytes;
  }
  return gone;
}
