import type { Call } from '../../../call.ts';
import { HydrogenError } from '../../../errors.ts';
import type { DocumentStore, InsertResult, Namespace } from '../document-store.ts';
import { placed, type ReadDocument } from './document-reader.ts';

/** A batch is one transaction of the embedded store: whole ones are kept when an import is interrupted. */
const maxDocuments = 2_000;
const maxBytes = 4 * 2 ** 20;

export interface WriteOptions {
  readonly drop: boolean;
  readonly upsertKey?: string;
}

/** Writes documents in batches, in their order, while the next ones are read. */
export interface BatchWriter {
  add(document: ReadDocument): Promise<void>;
  /** Writes what waits, after a failure of the reader. */
  keep(): Promise<void>;
  /** Writes what waits; with `drop`, empties the collection even when there was no document. */
  end(): Promise<void>;
  readonly written: InsertResult;
}

/** Errors that a document causes, not the store or the caller. */
const documentErrors: readonly string[] = ['bad_input', 'conflict', 'not_supported', 'too_large'];

/**
 * @param place of a document in words, for errors
 * @throws HydrogenError of the first document that cannot be stored, with its place, from `add` or `end`;
 * those before it are stored then.
 */
export function createBatchWriter(
  store: DocumentStore,
  namespace: Namespace,
  options: WriteOptions,
  place: (at: number) => string,
  call: Call,
): BatchWriter {
  const written = { inserted: 0, replaced: 0, unchanged: 0 };
  const { upsertKey } = options;
  let dropped = !options.drop;
  let waiting: ReadDocument[] = [];
  let bytes = 0;
  let writing: Promise<void> = Promise.resolve();

  async function put(batch: readonly ReadDocument[]): Promise<void> {
    const sequence = Buffer.concat(batch.map(({ bson }) => bson));
    const done = await store.put(
      namespace,
      sequence,
      { drop: !dropped, ...(upsertKey !== undefined && { upsertKey }) },
      call,
    );
    dropped = true;
    written.inserted += done.inserted;
    written.replaced += done.replaced;
    written.unchanged += done.unchanged;
  }

  /** Halves a batch that cannot be written until the one document is found; what is before it is written. */
  async function write(batch: readonly ReadDocument[]): Promise<void> {
    try {
      await put(batch);
    } catch (error) {
      const [first] = batch;
      if (!first || !(error instanceof HydrogenError) || !documentErrors.includes(error.code)) throw error;
      if (batch.length === 1) throw placed(place(first.at), error);
      const middle = batch.length >> 1;
      await write(batch.slice(0, middle));
      await write(batch.slice(middle));
    }
  }

  /** One batch is written while one is read: more would only fill memory. */
  async function flush(): Promise<void> {
    await writing;
    const batch = waiting;
    waiting = [];
    bytes = 0;
    writing = write(batch);
    // A failure is thrown where it is waited for; until then it is not an unhandled one.
    writing.catch(() => {});
  }

  return {
    written,
    async add(document) {
      waiting.push(document);
      bytes += document.bson.length;
      if (waiting.length >= maxDocuments || bytes >= maxBytes) await flush();
    },
    async keep() {
      if (waiting.length > 0) await flush();
      await writing;
    },
    async end() {
      await writing;
      if (waiting.length > 0 || !dropped) await flush();
      await writing;
    },
  };
}
