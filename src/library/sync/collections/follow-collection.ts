import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Call } from '../../../call.ts';
import { HydrogenError } from '../../../errors.ts';
import type { Logger } from '../../../observability/log.ts';
import type { CollectionSource } from './collection-source.ts';
import { type SyncParts, type SyncReport, syncAll, syncIds } from './sync-collection.ts';

/** How a source is kept up to date. */
export interface Following {
  /** Between two scans of a collection whose changes cannot be followed, and after a failure, in ms. */
  readonly scanEveryMs: number;
  /** Is told when documents have been read, so that their vectors can be made. */
  readonly onChange: (report: SyncReport) => void;
  readonly log: Logger;
}

/** Ends early, without an error, with the signal. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { ref: false, signal }).catch(() => {});

const hasChanges = ({ added, changed, removed }: SyncReport): boolean => added + changed + removed > 0;

/** What of a source decides what is indexed, as the beginning of its positions. */
function markerOf({ connection, namespace, fields, title }: CollectionSource): string {
  const content = JSON.stringify([connection, namespace, fields, title]);
  return `${createHash('sha256').update(content).digest('hex').slice(0, 16)} `;
}

/**
 * Brings the index up to date and follows the changes from there, for as long as the store can tell them.
 * The position is kept only after what lies before it is in the index, so that a crash repeats and never
 * misses a change.
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
  // A position of other fields is none: all documents must be looked at.
  const from = read?.startsWith(marker) ? read.slice(marker.length) : undefined;
  const changes = definition.store.follow(definition.namespace, from, call);
  for await (const { ids, position, restarted } of changes) {
    if (restarted) notify(await syncAll(definition, parts, call));
    else if (ids.length > 0) notify(await syncIds(ids, definition, parts, call));
    await positions.save(name, marker + position, call);
  }
}

/** A server without change streams, or a collection that is not there: a look at it tells all. */
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
