import type { Call } from '../../call.ts';
import type { BackendState } from '../backend.ts';
import type { Backfill, Retriever } from '../index/types.ts';
import { createBackfill } from './backfill.ts';
import { openCollection } from './collection.ts';
import { createRewriting } from './rewrite.ts';
import { createSearching } from './search.ts';
import { connect, type QdrantSettings } from './server.ts';
import { createStatistics } from './statistics.ts';
import { inTurn } from './turns.ts';
import { createWriting } from './write.ts';

export interface QdrantIndex extends Retriever, Backfill {
  /** A round trip, in ms. @throws HydrogenError `unavailable` with advice */
  ping(call: Call): Promise<number>;
  state(): BackendState;
}

/** The passages of the library in a collection of a Qdrant server. Any number of processes may share it. */
export function createQdrantIndex(settings: QdrantSettings): QdrantIndex {
  const server = connect(settings);
  const collection = openCollection(server);
  const rewriting = createRewriting(collection);
  const turn = inTurn();
  const { upsert, remove, removeSource, touch } = createWriting(collection, rewriting);
  const { saveVectors, leaveOut, build, buildVectors, switchSpace, removeRetired, ...reading } =
    createBackfill(collection, rewriting);
  return {
    ...createSearching(collection),
    ...createStatistics(collection),
    ...reading,
    // One write of this process after the other: the server takes them one after the other, too, and what is written
    // again (`rewrite.ts`) is then written again by one of them.
    upsert: (...args) => turn(args[1], () => upsert(...args)),
    remove: (...args) => turn(args[1], () => remove(...args)),
    removeSource: (...args) => turn(args[1], () => removeSource(...args)),
    touch: (...args) => turn(args[1], () => touch(...args)),
    saveVectors: (...args) => turn(args[2], () => saveVectors(...args)),
    leaveOut: (...args) => turn(args[2], () => leaveOut(...args)),
    build: (...args) => turn(args[1], () => build(...args)),
    buildVectors: (...args) => turn(args[2], () => buildVectors(...args)),
    switchSpace: (...args) => turn(args[1], () => switchSpace(...args)),
    removeRetired: (...args) => turn(args[0], () => removeRetired(...args)),
    async ping(call) {
      const began = performance.now();
      await server.read(call, (client) => client.versionInfo());
      return performance.now() - began;
    },
    state: server.state,
  };
}
