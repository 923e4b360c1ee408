import type { Call } from '../../../call.ts';
import { callLate, HydrogenError, reworded } from '../../../errors.ts';
import { createServer, type ServerSession } from '../../mongodb/server.ts';
import type { DocumentServer, DocumentServerSettings } from '../document-server.ts';
import { aggregate, count, distinct } from './aggregate.ts';
import { apply, preview } from './changes.ts';
import { listCollections, listDatabases } from './collections.ts';
import { describe } from './describe.ts';
import { explain } from './explain.ts';
import { find } from './find.ts';
import { follow } from './follow.ts';
import { createIndex, listIndexes } from './indexes.ts';
import { insert, put } from './insert.ts';
import { refuseRunaways } from './patterns.ts';
import { writeAccess } from './write-access.ts';

/** A server only receives queries and changes, whatever the call was for. */
const lateOnServer = (cause?: unknown): HydrogenError =>
  callLate({
    advice: 'Narrow it (a filter, a smaller limit, an earlier $match) or add an index, and try again.',
    cause,
  });

/** A write that was in progress when the server or the call ended may have been made all the same. */
function withUnknownOutcome(error: unknown): unknown {
  if (!(error instanceof HydrogenError)) return error;
  const ended = ['unavailable', 'timeout', 'cancelled'].includes(error.code);
  if (!ended || error.reason === 'not_sent') return error;
  return reworded(
    error,
    `${error.message} The change may have been made in full, in part or not at all: check before you retry.`,
  );
}

/**
 * Documents of a MongoDB server (4.4 or newer), or one that speaks its protocol. Connects at the first call; while the
 * server is down, every call fails within `timeoutMs`, and works again as soon as it is back.
 */
export function createMongoDocuments(settings: DocumentServerSettings): DocumentServer {
  const { name, setting, readOnly, ...rest } = settings;
  const server = createServer({
    ...rest,
    words: {
      server: `the database server of connection "${name}"`,
      of: `connection "${name}"`,
      setting,
      unaffected: 'Other connections are not affected.',
      late: lateOnServer,
    },
  });
  const read = <Args extends readonly unknown[], Result>(
    work: (session: ServerSession, ...args: Args) => Promise<Result>,
    call: Call,
    ...args: Args
  ): Promise<Result> => server.run(call, (session) => work(session, ...args));
  /** Anything the server evaluates is checked first. */
  const ask = async <Query extends object, Result>(
    work: (session: ServerSession, query: Query) => Promise<Result>,
    call: Call,
    query: Query,
  ): Promise<Result> => {
    refuseRunaways(query);
    return read(work, call, query);
  };
  const assertWritable = (): void => {
    if (!readOnly) return;
    throw new HydrogenError(
      'not_allowed',
      `Connection "${name}" is read-only by this server's settings: nothing was changed.`,
    );
  };
  const write: typeof read = async (work, call, ...args) => {
    assertWritable();
    return read(work, call, ...args).catch((error: unknown) => {
      throw withUnknownOutcome(error);
    });
  };
  return {
    databases: (call) => read(listDatabases, call),
    collections: (database, call) => read(listCollections, call, database),
    describe: (namespace, call) => read(describe, call, namespace),
    find: (query, call) => ask(find, call, query),
    aggregate: (query, call) => ask(aggregate, call, query),
    count: (query, call) => ask(count, call, query),
    distinct: (query, call) => ask(distinct, call, query),
    indexes: (namespace, call) => read(listIndexes, call, namespace),
    explain: (query, call) => ask(explain, call, query),
    put: (namespace, documents, options, call) => write(put, call, namespace, documents, options),
    insert: (namespace, documents, call) => write(insert, call, namespace, documents),
    // Nobody is asked to confirm what is not allowed.
    async preview(change, limits, call) {
      if (change.kind === 'update' || change.kind === 'delete') refuseRunaways(change);
      assertWritable();
      return read(preview, call, change, limits);
    },
    async apply(change, limits, call) {
      if (change.kind === 'update' || change.kind === 'delete') refuseRunaways(change);
      return write(apply, call, change, limits);
    },
    createIndex: (index, call) => write(createIndex, call, index),
    follow: (namespace, after, call) => follow(server, namespace, after, call),
    async ping(call) {
      const started = performance.now();
      await read(
        ({ client, options }) => client.db('admin').command({ ping: 1 }, { signal: options().signal }),
        call,
      );
      return performance.now() - started;
    },
    writeAccess: (call) => read(writeAccess, call),
    reconnect: async (url) => server.reconnect(url),
    close: () => server.close(),
  };
}
