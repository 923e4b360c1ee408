import type { Call } from '../../../call.ts';
import { HydrogenError } from '../../../errors.ts';
import type { DocumentStore, InsertResult, Namespace } from '../document-store.ts';
import { placed, type ReadDocument } from './document-reader.ts';

/** A batch is one transaction of the embedded store: complete ones survive an interrupted import. */
const maxDocuments = 2_000;
const maxBytes = 2 ** 20;

export interface BatchOptions {
  readonly drop: boolean;
  readonly upsertKey?: string;
}

/** Writes documents in batches, in order, while the next ones are read. */
export interface BatchWriter {
  /** Adds a document; if this returns a promise, it must be awaited before the next call. */
  add(document: ReadDocument): Promise<void> | undefined;
  /** Writes pending documents after the reader has failed. */
  writePending(): Promise<void>;
  /**
   * Writes pending documents.
   * @param always even without any, so that the collection is created and, with `drop`, emptied
   */
  end(always: boolean): Promise<void>;
  readonly written: InsertResult;
}

/** Documents back to back, with the end of each and its place in the file. */
interface Batch {
  bytes: Buffer;
  size: number;
  readonly ends: number[];
  readonly places: number[];
}

/** The documents are copied into one buffer: thousands of small ones would survive until a full collection. */
function emptyBatch(): Batch {
  return { bytes: Buffer.allocUnsafeSlow(maxBytes + 2 ** 16), size: 0, ends: [], places: [] };
}

function append(batch: Batch, { bson, at }: ReadDocument): void {
  const size = batch.size + bson.length;
  if (size > batch.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(size);
    batch.bytes.copy(larger, 0, 0, batch.size);
    batch.bytes = larger;
  }
  batch.bytes.set(bson, batch.size);
  batch.size = size;
  batch.ends.push(size);
  batch.places.push(at);
}

/** Errors caused by a document, not by the store or the caller. */
const documentErrors: readonly string[] = ['bad_input', 'conflict', 'not_supported', 'too_large'];

/**
 * @param place of a document in words, for errors
 * @throws HydrogenError for the first document that cannot be stored, with its place, from `add` or `end`; those before
 * it have been stored by then.
 */
export function createBatchWriter(
  store: DocumentStore,
  namespace: Namespace,
  options: BatchOptions,
  place: (at: number) => string,
  call: Call,
): BatchWriter {
  const written = { inserted: 0, replaced: 0, unchanged: 0 };
  const { upsertKey } = options;
  /** Whether a batch has been written; the first one drops and creates the collection. */
  let begun = false;
  let waiting = emptyBatch();
  let writing: Promise<void> = Promise.resolve();

  async function put({ bytes, ends }: Batch, from: number, to: number): Promise<void> {
    const start = ends[from - 1] ?? 0;
    const done = await store.put(
      namespace,
      bytes.subarray(start, ends[to - 1] ?? start),
      { drop: options.drop && !begun, ...(upsertKey !== undefined && { upsertKey }) },
      call,
    );
    begun = true;
    written.inserted += done.inserted;
    written.replaced += done.replaced;
    written.unchanged += done.unchanged;
  }

  /** Halves a batch that cannot be written until the offending document is found; those before it are written. */
  async function write(batch: Batch, from: number, to: number): Promise<void> {
    try {
      await put(batch, from, to);
    } catch (error) {
      if (!(error instanceof HydrogenError) || !documentErrors.includes(error.code) || from === to)
        throw error;
      if (to - from === 1) throw placed(place(batch.places[from] ?? 0), error);
      const middle = (from + to) >> 1;
      await write(batch, from, middle);
      await write(batch, middle, to);
    }
  }

  /** One batch is written while another is read: more would only fill memory. */
  async function flush(): Promise<void> {
    await writing;
    const batch = waiting;
    waiting = emptyBatch();
    writing = write(batch, 0, batch.ends.length);
    // A failure is thrown where this is awaited; until then it must not be an unhandled rejection.
    writing.catch(() => {});
  }

  return {
    written,
    add(document) {
      append(waiting, document);
      const full = waiting.ends.length >= maxDocuments || waiting.size >= maxBytes;
      return full ? flush() : undefined;
    },
    async writePending() {
      if (waiting.size > 0) await flush();
      await writing;
    },
    async end(always) {
      await writing;
      if (waiting.size > 0 || (!begun && always)) await flush();
      await writing;
    },
  };
}
