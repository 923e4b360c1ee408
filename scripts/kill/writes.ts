import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { decode } from '../../src/mql/index.ts';
import { checkDocuments } from './check-documents.ts';
import { assertOften, inspect, pause } from './process.ts';
import { type Batch, type Book, collection, connect, startWriter, type Writer } from './writer.ts';

/** A kill falls anywhere in this time from the first acknowledged write of its process on, ms. */
const killMs = 400;
const patienceMs = 60_000;

/** Far more values than one writer takes in one trial. */
const sharedPerTrial = 1_000_000;

/** The collection with its indexes. */
export async function prepareLedger(dataDir: string): Promise<void> {
  const { client } = await connect(dataDir);
  const call = async (name: string, args: object): Promise<void> => {
    const answer = await client.callTool({ name, arguments: { collection, ...args } });
    if (answer.isError) throw new Error(`${name}: ${JSON.stringify(answer.content)}`);
  };
  await call('insert', { documents: [{ _id: 'first', slot: 'first' }] });
  await call('create_index', { key: { slot: 1 }, unique: true });
  await call('create_index', { key: { tags: 1, n: -1 } });
  await call('create_index', { key: { batch: 1 } });
  await client.close();
}

/** The batches that are in the file. @throws Error for one whose documents differ in how often they were updated */
export function batchesIn(db: DatabaseSync): Map<string, Batch> {
  const found = new Map<string, Batch>();
  const sql = 'SELECT bson FROM documents WHERE collection IN (SELECT id FROM collections WHERE name = ?)';
  for (const row of db.prepare(sql).all(collection)) {
    const { _id, batch, n, tags } = decode(row['bson'] as Uint8Array);
    if (_id === 'first') continue;
    const name = String(batch);
    const before = found.get(name) ?? { documents: 0, n: Number(n) };
    if (before.n !== n) throw new Error(`batch ${name} is half updated`);
    if ((tags as unknown[]).length !== before.n + 2) throw new Error(`a document of ${name} is half updated`);
    found.set(name, { documents: before.documents + 1, n: before.n });
  }
  return found;
}

const equal = (a: Batch, b: Batch): boolean => a.documents === b.documents && a.n === b.n;

/** Compares what a writer was told with what there is. */
export function compareBook({ acknowledged, pending }: Book, found: ReadonlyMap<string, Batch>): void {
  for (const [name, wanted] of acknowledged) {
    const there = found.get(name) ?? { documents: 0, n: 0 };
    const may = [{ ...wanted, n: wanted.documents === 0 ? 0 : wanted.n }, pending.get(name)];
    if (!may.some((state) => state && equal(state, there)))
      throw new Error(`batch ${name} is ${JSON.stringify(there)}, acknowledged as ${JSON.stringify(wanted)}`);
  }
  for (const [name, to] of pending) {
    const there = found.get(name);
    if (there && !acknowledged.has(name) && !equal(there, to))
      throw new Error(`batch ${name} is half inserted: ${JSON.stringify(there)}`);
  }
}

/** The same when no process is left: what the writer was not told is noted as it is. */
export function settleBook(book: Book, found: ReadonlyMap<string, Batch>): void {
  compareBook(book, found);
  for (const name of book.pending.keys())
    book.acknowledged.set(name, found.get(name) ?? { documents: 0, n: 0 });
  book.pending.clear();
}

/** @returns whether a write was under way */
export async function killLater(writer: Writer, random: () => number, withinMs = killMs): Promise<boolean> {
  for (const until = Date.now() + patienceMs; writer.count() === 0; await pause(5))
    if (Date.now() > until) throw new Error('no write was acknowledged');
  await pause(random() * withinMs);
  await writer.kill();
  return writer.book.pending.size > 0;
}

/** Each trial: two processes write into one collection and are killed, one after the other. */
export async function writeTrials(trials: number, random: () => number): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hydrogen-kill-'));
  try {
    await prepareLedger(dataDir);
    const books = ['left', 'right'].map((name) => ({
      name,
      book: { acknowledged: new Map(), pending: new Map() } as Book,
    }));
    let writes = 0;
    let inTheMiddle = 0;
    let seen = { documents: 0, entries: 0 };
    for (let trial = 0; trial < trials; trial++) {
      const writers = await Promise.all(
        books.map(({ name, book }) => startWriter(dataDir, name, book, trial * sharedPerTrial, random)),
      );
      const middle = await Promise.all(writers.map((writer) => killLater(writer, random)));
      inTheMiddle += middle.some((was) => was) ? 1 : 0;
      writes += writers.reduce((sum, writer) => sum + writer.count(), 0);
      const found = inspect(dataDir, (db) => {
        seen = checkDocuments(db);
        return batchesIn(db);
      });
      for (const { book } of books) settleBook(book, found);
      const known = new Set(books.flatMap(({ book }) => [...book.acknowledged.keys()]));
      const unknown = [...found.keys()].filter((name) => !known.has(name));
      if (unknown.length > 0) throw new Error(`writes trial ${trial}: nobody wrote ${unknown.slice(0, 3)}`);
    }
    process.stdout.write(
      `writes: ${trials} trials, ${inTheMiddle} killed in the middle, ${writes} writes acknowledged, none lost or half done; at the end ${seen.documents} documents and ${seen.entries} index entries agree\n`,
    );
    assertOften('writes', trials, inTheMiddle);
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
