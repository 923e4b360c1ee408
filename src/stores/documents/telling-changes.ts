import type { Call } from '../../call.ts';
import type { DocumentServer } from './document-server.ts';
import type { Namespace } from './document-store.ts';

/** Told of every change in a collection, by this process or reported by the server. Never fails. */
export type TellChange = (change: Namespace & { readonly dropped: boolean }, call: Call) => Promise<void>;

/**
 * The same server, whose changes are told once they are made. What has failed may have been made in part, so that is told,
 * too.
 */
export function tellingChanges(server: DocumentServer, tell: TellChange): DocumentServer {
  async function told<T>(
    { database, collection }: Namespace,
    work: Promise<T>,
    call: Call,
    dropped = false,
  ): Promise<T> {
    try {
      return await work;
    } finally {
      await tell({ database, collection, dropped }, call);
    }
  }
  return {
    ...server,
    put: (namespace, documents, options, call) =>
      told(namespace, server.put(namespace, documents, options, call), call, options.drop),
    insert: (namespace, documents, call) => told(namespace, server.insert(namespace, documents, call), call),
    apply: (change, limits, call) =>
      told(change, server.apply(change, limits, call), call, change.kind === 'drop_collection'),
    createIndex: (index, call) => told(index, server.createIndex(index, call), call),
    async *follow(namespace, after, call) {
      for await (const batch of server.follow(namespace, after, call)) {
        if (batch.ids.length > 0 || batch.restarted) await tell({ ...namespace, dropped: false }, call);
        yield batch;
      }
    },
  };
}
