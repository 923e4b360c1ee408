import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Call, owner } from '../../../src/call.ts';
import { type Document, decode, encode, stringifyExtendedJson } from '../../../src/mql/index.ts';
import { createLog } from '../../../src/observability/log.ts';
import type { DocumentStore } from '../../../src/stores/documents/document-store.ts';
import { importFile } from '../../../src/stores/documents/import/import.ts';
import { documentHandlers } from '../../../src/stores/embedded/documents/handlers.ts';
import { openConnection } from '../../../src/stores/embedded/engine/connection.ts';
import { migrate } from '../../../src/stores/embedded/engine/migrate.ts';
import type { Session } from '../../../src/stores/embedded/engine/session.ts';
import { migrations } from '../../../src/stores/embedded/migrations.ts';
import { customers, orders } from '../orders.ts';
import { indexes, type Query } from './cases.ts';

const database = 'main';
const bounds = { limit: 100_000, maxBytes: 1e9 };

const benchCall: Call = {
  caller: owner,
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  progress() {},
  log: createLog('silent'),
};

/** The embedded store with its operations on this thread, so that all of its CPU time is counted. */
export interface BenchStore {
  readonly documents: Pick<DocumentStore, 'put' | 'collections'>;
  /** Runs a query as a store thread does; returns how many documents came, or the count. */
  run(query: Query): number;
  createIndexes(): void;
  close(): void;
}

export function openBenchStore(file: string): BenchStore {
  const writer = openConnection(file, 'write', () => {});
  writer.exec('PRAGMA journal_mode = WAL');
  migrate(writer, migrations);
  const reader = openConnection(file, 'read', () => {});
  const sessionOn = (db: typeof writer, memory: Map<string, unknown>) => (): Session => ({
    db,
    memory,
    tick() {},
    progress() {},
  });
  const reading = sessionOn(reader, new Map());
  const writing = sessionOn(writer, new Map());
  const transaction = <T>(db: typeof writer, work: () => T): T => {
    db.exec('BEGIN');
    try {
      return work();
    } finally {
      db.exec('COMMIT');
    }
  };
  return {
    documents: {
      async put({ collection }, documents, { drop }) {
        if (!(documents instanceof Uint8Array)) throw new TypeError('The bench imports BSON sequences.');
        return transaction(writer, () =>
          documentHandlers.put(writing(), { database, collection, documents, drop }),
        );
      },
      collections: async () => [],
    },
    run(query) {
      return transaction(reader, () => {
        if (query.kind === 'count') {
          const { filter } = query;
          return documentHandlers.count(reading(), encode({ database, collection: 'orders', filter }));
        }
        if (query.kind === 'find') {
          const asked = { database, collection: 'orders', skip: 0, maxBytes: 1e9, ...query };
          return documentHandlers.find(reading(), encode(asked)).documents.length;
        }
        const { pipeline, from: collection = 'orders' } = query;
        const asked = { database, collection, pipeline, ...bounds };
        return documentHandlers.aggregate(reading(), encode(asked)).documents.length;
      });
    },
    createIndexes() {
      for (const key of indexes) {
        const asked = { database, collection: 'orders', key, unique: false };
        transaction(writer, () => documentHandlers.createIndex(writing(), encode(asked)));
      }
    },
    close() {
      reader.close();
      writer.close();
    },
  };
}

/** Where the files of the collections are in a folder. */
export const filesIn = (folder: string) => ({
  dump: join(folder, 'orders.bson'),
  json: join(folder, 'orders.jsonl'),
  customers: join(folder, 'customers.bson'),
});

/** Writes the collections as files. */
export async function writeFiles(folder: string, count: number): Promise<void> {
  const paths = filesIn(folder);
  const write = (
    path: string,
    documents: Iterable<Document>,
    line: (document: Document) => Uint8Array | string,
  ) => pipeline(Readable.from(Iterator.from(documents).map(line)), createWriteStream(path));
  await write(paths.dump, orders(count), encode);
  await write(
    paths.json,
    orders(count),
    (document) => `${stringifyExtendedJson(decode(encode(document)), { relaxed: true })}\n`,
  );
  await write(paths.customers, customers(), encode);
}

/** Imports a file as the command does. */
export async function importInto(store: BenchStore, collection: string, file: string): Promise<void> {
  await importFile(
    store.documents as DocumentStore,
    { database, collection },
    file,
    { drop: false },
    benchCall,
  );
}
