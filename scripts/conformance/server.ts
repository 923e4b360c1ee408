import { MongoClient, MongoServerError } from 'mongodb';
import { isWritePipeline } from '../../src/mql/index.ts';
import type { Case, Outcome } from '../../test/conformance/compare.ts';
import { argumentsOf, assertUpdate, type CaseRunner, type Doc } from './runner.ts';

/** Codes by which servers say that they do not have something: CommandNotFound, NotImplemented, … */
const notThere = new Set([59, 115, 168, 238, 15_999, 31_325, 40_323, 40_324]);
/** Where the code does not say so, the words do. */
const notThereInWords =
  /unknown (?:\w+ )?(?:operator|argument)|unrecognized|unsupported|not (?:yet )?(?:implemented|supported)/i;

/** What a server says that it does not have: the last operator of its message, which is the innermost. */
function refusal(error: unknown, op: string): string | undefined {
  if (!(error instanceof MongoServerError)) return undefined;
  if (!notThere.has(Number(error.code)) && !notThereInWords.test(error.message)) return undefined;
  return error.message.match(/\$\w+/g)?.at(-1) ?? op;
}

const withoutUndefined = <T extends Doc>(options: T): Doc =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** Cases on a server, in a database that is dropped at the end. */
export async function serverRunner(url: string): Promise<CaseRunner> {
  // What the driver reads is compared by its types.
  const types = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;
  const client = await MongoClient.connect(url, { ...types, serverSelectionTimeoutMS: 5_000 });
  const database = client.db(`hydrogen_conformance_${process.pid}`);

  async function clear(): Promise<void> {
    for (const { name } of await database.listCollections({}, { nameOnly: true }).toArray()) {
      await database.collection(name).drop();
    }
  }
  async function place(test: Case): Promise<void> {
    await clear();
    for (const [name, docs] of Object.entries(test.collections)) {
      if (docs.length > 0) await database.collection(name).insertMany([...docs] as Doc[]);
      else await database.createCollection(name);
    }
  }
  async function read(): Promise<Outcome['collections']> {
    const found: { [name: string]: readonly unknown[] } = {};
    for (const { name } of await database.listCollections({}, { nameOnly: true }).toArray()) {
      found[name] = await database.collection(name).find().toArray();
    }
    return found;
  }

  return {
    async run(test) {
      try {
        await place(test);
      } catch {
        // Not every server takes every document; then there is nothing to run on, not even for an error.
        return { refused: 'the documents of the case', collections: {} };
      }
      try {
        const outcome = await execute(test, client, database.databaseName);
        return { ...outcome, collections: await read() };
      } catch (error) {
        const refused = refusal(error, test.op);
        return {
          error: String(error),
          ...(refused !== undefined && { refused }),
          collections: await read(),
        };
      }
    },
    async close() {
      await database.dropDatabase().catch(() => {});
      await client.close();
    },
  };
}

async function execute(test: Case, client: MongoClient, database: string): Promise<Partial<Outcome>> {
  const { op, args } = test;
  const given = argumentsOf(test);
  const { filter, options } = given;
  const collection = client.db(database).collection('c', { ignoreUndefined: false });
  const collated = withoutUndefined({ collation: given.collation });
  switch (op) {
    case 'find': {
      const { sort, projection, skip, limit } = given;
      const how = withoutUndefined({ sort, projection, ...collated });
      return { docs: await collection.find(filter, { ...how, skip, limit }).toArray() };
    }
    case 'count': {
      const limit = withoutUndefined({ limit: given.limit || undefined });
      return { value: await collection.countDocuments(filter, { ...limit, skip: given.skip, ...collated }) };
    }
    case 'distinct':
      return { value: await collection.distinct(String(args['key']), filter, collated) };
    case 'aggregate': {
      const pipeline = args['pipeline'] as Doc[];
      const docs = await collection.aggregate(pipeline, collated).toArray();
      return { docs: isWritePipeline(pipeline) ? [] : docs };
    }
    case 'insertOne':
      return { value: (await collection.insertOne(args['document'] as Doc)).insertedId };
    case 'insertMany':
      await collection.insertMany(args['documents'] as Doc[], options);
      return {};
    default:
      break;
  }
  if (/update|replace/i.test(op)) assertUpdate(test);
  const { projection, sort } = given;
  const how = withoutUndefined({ ...options, ...collated });
  const found = withoutUndefined({ ...how, projection, sort });
  const update = args['update'] as Doc;
  const replacement = args['replacement'] as Doc;
  switch (op) {
    case 'updateOne':
      return { value: await collection.updateOne(filter, update, how) };
    case 'updateMany':
      return { value: await collection.updateMany(filter, update, how) };
    case 'replaceOne':
      return { value: await collection.replaceOne(filter, replacement, how) };
    case 'deleteOne':
      return { value: await collection.deleteOne(filter, how) };
    case 'deleteMany':
      return { value: await collection.deleteMany(filter, how) };
    case 'findOneAndUpdate':
      return { value: await collection.findOneAndUpdate(filter, update, found) };
    case 'findOneAndReplace':
      return { value: await collection.findOneAndReplace(filter, replacement, found) };
    case 'findOneAndDelete':
      return { value: await collection.findOneAndDelete(filter, found) };
    default:
      throw new Error(`The format has no operation "${op}".`);
  }
}
