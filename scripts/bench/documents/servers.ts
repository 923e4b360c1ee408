import { type Db, MongoClient } from 'mongodb';
import type { Document } from '../../../src/mql/formats.ts';
import { installed, type ServerName, serverNames } from '../../mongo-servers/install.ts';
import { startFerret, startJava } from '../../mongo-servers/start.ts';
import { customers, orders } from '../orders.ts';
import { type Case, indexes, type Query } from './cases.ts';

/** Elapsed time of a case on a server, ms, and how many documents came (or the count); or why none. */
export type ServerResult = { readonly ms: number; readonly found: number } | { readonly failure: string };

const batch = 1000;
/** Most time one query may take, ms. */
const patience = 60_000;

async function load(db: Db, count: number): Promise<void> {
  for (const [name, documents] of [
    ['orders', orders(count)],
    ['customers', customers()],
  ] as const) {
    const collection = db.collection(name);
    let some: Document[] = [];
    const write = async (): Promise<void> => {
      if (some.length > 0) await collection.insertMany(some, { ordered: false });
      some = [];
    };
    for (const document of documents) if (some.push(document) === batch) await write();
    await write();
  }
  for (const key of indexes) await db.collection('orders').createIndex(key as Record<string, 1>);
}

async function run(db: Db, query: Query): Promise<number> {
  const collection = db.collection(query.kind === 'aggregate' ? (query.from ?? 'orders') : 'orders');
  if (query.kind === 'count') return collection.countDocuments(query.filter);
  if (query.kind === 'aggregate') return (await collection.aggregate(query.pipeline).toArray()).length;
  const { filter, sort = {}, limit } = query;
  const found = await collection.find(filter, { sort: sort as Record<string, 1>, limit }).toArray();
  return found.length;
}

async function timed(db: Db, query: Query, rounds: number): Promise<{ ms: number; found: number }> {
  let best = Number.POSITIVE_INFINITY;
  let found = 0;
  for (let i = 0; i < rounds; i++) {
    const began = performance.now();
    found = await Promise.race([
      run(db, query),
      new Promise<never>((_, reject) =>
        setTimeout(() => reject(new Error('took more than 60 s')), patience).unref(),
      ),
    ]);
    best = Math.min(best, performance.now() - began);
    if (best > 2_000) break;
  }
  return { ms: best, found };
}

async function resultOf(db: Db, query: Query): Promise<ServerResult> {
  try {
    return await timed(db, query, 3);
  } catch (error) {
    return { failure: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}

/** The cases on every server that is installed, through the driver. */
export async function measureServers(
  cases: readonly Case[],
  count: number,
  say: (text: string) => void,
): Promise<Map<ServerName, Map<string, ServerResult>>> {
  // The heap that the tests give it does not hold this many documents; this variable goes before arguments.
  process.env['_JAVA_OPTIONS'] = '-Xmx3g';
  const results = new Map<ServerName, Map<string, ServerResult>>();
  for (const name of serverNames) {
    if (!installed(name)) {
      say(`${name} is not installed (npm run servers): skipped`);
      continue;
    }
    const server = await (name === 'ferretdb' ? startFerret() : startJava());
    const client = new MongoClient(server.url, { serverSelectionTimeoutMS: 10_000 });
    const found = new Map<string, ServerResult>();
    results.set(name, found);
    try {
      const db = client.db('bench');
      say(`${name}: loading ${count.toLocaleString('en')} documents`);
      await load(db, count);
      for (const { what, query } of cases) found.set(what, await resultOf(db, query));
    } catch (error) {
      say(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await client.close();
      await server.stop();
    }
  }
  return results;
}
