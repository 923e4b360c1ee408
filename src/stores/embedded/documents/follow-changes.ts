import { setTimeout } from 'node:timers/promises';
import type { Call } from '../../../call.ts';
import { decode } from '../../../mql/formats.ts';
import type { ChangeBatch, Namespace } from '../../documents/document-store.ts';
import type { EncodedChanges } from './follow-handlers.ts';
import type { DocumentClient } from './operations.ts';

/** Interval between checks for changes, in ms. */
const checkIntervalMs = 500;
/** Changes that have been read are deleted after this many batches. */
const batchesPerCleanup = 20;

function decoded({ ids, ...rest }: EncodedChanges): ChangeBatch {
  return { ...rest, ids: decode(ids)['ids'] as unknown[] };
}

const pause = (signal: AbortSignal): Promise<void> =>
  setTimeout(checkIntervalMs, undefined, { ref: false, signal }).catch(() => {});

/** The changes of an embedded collection, checked for twice a second. */
export async function* followChanges(
  operations: DocumentClient,
  namespace: Namespace,
  after: string | undefined,
  call: Call,
): AsyncGenerator<ChangeBatch> {
  const begin = async (from: string | undefined): Promise<ChangeBatch> =>
    decoded(await operations.follow(namespace, from, call));
  let batch = await begin(after);
  yield batch;
  for (let batches = 0; !call.signal.aborted; ) {
    const found = decoded(await operations.changes(namespace, batch.position, call));
    if (found.restarted) {
      batch = await begin(undefined);
      yield batch;
    } else if (found.ids.length > 0) {
      batch = found;
      yield batch;
      if (++batches % batchesPerCleanup === 0) await begin(batch.position);
    } else {
      await pause(call.signal);
    }
  }
}
