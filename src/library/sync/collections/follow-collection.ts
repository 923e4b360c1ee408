import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Call } from '../../../call.ts';
import { HydrogenError } from '../../../errors.ts';
import type { Logger } from '../../../observability/log.ts';
import type { CollectionSource } from './collection-source.ts';
import { isOutdated, type SyncParts, type SyncReport, syncAll, syncIds } from './sync-collection.ts';

/** How a source is kept up to date. */
export interface Following {
  /** Interval between scans of a collection that cannot be followed, and delay after a failure, in ms. */
  readonly scanEveryMs: number;
  /** Called when documents have been read, so that they can be embedded. */
  readonly onChange: (report: SyncReport) => void;
  readonly log: Logger;
}

/** Resolves early, without an error, on abort. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { ref: false, signal }).catch(() => {});

const hasChanges = ({ added, changed, removed }: SyncReport): boolean => added + changed + removed > 0;

/** A hash of everything that determines what is indexed of a source: the prefix of its saved positions. */
function markerOf({ connection, namespace, fields, title }: CollectionSource): string {
  const content = JSON.stringify([connection, namespace, fields, title]);
  return `${createHash('sha256').update(content).digest('hex').slice(0, 16)} `;
}

/**
 * Brings the index up to date and follows changes from there, for as long as the store reports them. A position is
 * saved only once everything before it is indexed, so that after a crash changes are repeated, never missed.
 */
async function followOnce(
  definition: CollectionSource,
  parts: SyncParts,
  { onChange, log }: Following,
  call: Call,
): Promise<void> {
  const { positions } = parts;
  const { name } = definition;
  const notify = (report: SyncReport): void => {
    if (!hasChanges(report)) return;
    log.info({ source: name, ...report }, 'collection source brought up to date');
    onChange(report);
  };
  const read = await positions.read(name, call);
  const marker = markerOf(definition);
  // A position saved for other settings or another version is void: all documents must be scanned.
  const isValid = read?.startsWith(marker) && !(await isOutdated(definition, parts, call));
  const from = isValid ? read?.slice(marker.length) : undefined;
  const changes = definition.store.follow(definition.namespace, from, call);
  for await (const { ids, position, restarted } of changes) {
    if (restarted) notify(await syncAll(definition, parts, call));
    else if (ids.length > 0) notify(await syncIds(ids, definition, parts, call));
    await positions.save(name, marker + position, call);
  }
}

/** Scanning helps where the server has no change streams or the collection does not exist. */
function canBeScanned(error: unknown): boolean {
  return error instanceof HydrogenError && !['unavailable', 'timeout'].includes(error.code);
}

/** Keeps one collection's documents in the library until the call's signal ends it. */
export async function followCollection(
  definition: CollectionSource,
  parts: SyncParts,
  following: Following,
  call: Call,
): Promise<void> {
  const { name } = definition;
  while (!call.signal.aborted) {
    try {
      await followOnce(definition, parts, following, call);
    } catch (error) {
      if (call.signal.aborted) return;
      try {
        if (!canBeScanned(error)) throw error;
        const report = await syncAll(definition, parts, call);
        if (hasChanges(report)) following.onChange(report);
      } catch (err) {
        if (!call.signal.aborted) following.log.warn({ err, source: name }, 'collection source not read');
      }
    }
    await pause(following.scanEveryMs, call.signal);
  }
}
