import type { Schemas } from '@qdrant/js-client-rest';
import type { Call } from '../../call.ts';
import { throwIfCallEnded } from '../../call-end.ts';
import { HydrogenError } from '../../errors.ts';
import { createManifestRecord, type Manifest, type ManifestRecord } from './manifest.ts';
import type { Filter, PointId } from './points.ts';
import type { Server } from './server.ts';

type Point = Schemas['Record'];

type NewVector = Schemas['PointVectors'];

/** What is asked of the points of a scan. */
interface Scan {
  readonly filter: Filter;
  readonly payload?: readonly string[];
  readonly vectors?: readonly string[];
  readonly pageSize?: number;
  /** Only those with a higher number. */
  readonly after?: number;
}

/** The collection, as what is above it works with it. */
export interface Collection {
  readonly server: Server;
  readonly record: ManifestRecord;
  count(filter: Filter, call: Call): Promise<number>;
  /** The first points in order of id. */
  first(scan: Scan & { readonly limit: number }, call: Call): Promise<readonly Point[]>;
  /** All points, page by page, in order of id. */
  pages(scan: Scan, call: Call): AsyncGenerator<readonly Point[]>;
  /** Several operations in one request, in this order. */
  update(operations: Schemas['UpdateOperation'][], call: Call): Promise<void>;
  /**
   * Gives passages vectors, in batches. One that has gone meanwhile is passed over.
   * @param unless passages that have a vector of this name keep it
   */
  setVectors(points: readonly NewVector[], unless: string, call: Call): Promise<void>;
  /** A vector with a name that no other has. */
  addVector(kind: string, config: Schemas['VectorNameConfig'], call: Call): Promise<string>;
  deleteVector(name: string, call: Call): Promise<void>;
  /** Deletes one of the retired vectors that have rested; whether there was one. */
  deleteRetired(manifest: Manifest, call: Call): Promise<boolean>;
  /**
   * Does work with the manifest as it is. Where another node has replaced a vector meanwhile, whose name the server then
   * no longer knows, it is done again.
   */
  withManifest<T>(call: Call, manifest: Manifest, work: (manifest: Manifest) => Promise<T>): Promise<T>;
  /** As `withManifest`, with what is known of it; `none` where there is no collection, or none any more. */
  whereThere<T>(call: Call, none: T, work: (manifest: Manifest) => Promise<T>): Promise<T>;
}

const pageOf = 500;
/** Points of a request: some MB of text. */
const vectorsAtATime = 256;
const maxRepetitions = 4;
/**
 * How long after its retirement a vector is deleted, ms. A server that crashes does again what it had not yet written to
 * disk (Qdrant writes every 5 s, `flush_interval_sec`), and drops points with a vector whose name is gone by then.
 */
const restMs = 60_000;

/** The request was wrong for the server as it now is. */
const isRefused = (error: unknown): boolean =>
  error instanceof HydrogenError && (error.code === 'not_supported' || error.code === 'not_found');

export function openCollection(server: Server): Collection {
  const { collection: name } = server;
  const record = createManifestRecord(server);

  const asked = ({ filter, payload, vectors }: Scan) => ({
    filter,
    with_payload: payload === undefined ? false : [...payload],
    with_vector: vectors === undefined ? false : [...vectors],
  });

  /** Those of the points that are there. */
  async function existing(ids: readonly PointId[], call: Call): Promise<ReadonlySet<PointId>> {
    const found = await server.read(call, (client) =>
      client.retrieve(name, { ids: [...ids], with_payload: false }),
    );
    return new Set(found.map(({ id }) => id));
  }

  /** A point that is not there fails a whole request, which is then repeated without it. */
  async function setBatch(points: readonly NewVector[], unless: string, call: Call): Promise<void> {
    const update_filter = { must_not: [{ has_vector: unless }] };
    let batch = [...points];
    for (let attempt = 0; batch.length > 0; attempt++) {
      try {
        const written = batch;
        await server.write(call, (client) =>
          client.updateVectors(name, { points: written, update_filter, wait: true }),
        );
        return;
      } catch (error) {
        const isGone = error instanceof HydrogenError && error.code === 'not_found';
        if (!isGone || attempt >= maxRepetitions) throw error;
        const ids = batch.map(({ id }) => id);
        const there = await existing(ids, call);
        batch = batch.filter(({ id }) => there.has(id));
        if (batch.length === ids.length) throw error;
      }
    }
  }

  async function deleteVector(vector: string, call: Call): Promise<void> {
    await server.write(call, (client) => client.deleteVectorName(name, vector, { wait: true }));
  }

  async function withManifest<T>(
    call: Call,
    manifest: Manifest,
    work: (manifest: Manifest) => Promise<T>,
  ): Promise<T> {
    let used = manifest;
    for (let attempt = 0; ; attempt++) {
      try {
        return await work(used);
      } catch (error) {
        if (!isRefused(error) || attempt >= maxRepetitions) throw error;
        const now = await record.read(call);
        if (!now || now.revision === used.revision) throw error;
        used = now;
      }
    }
  }

  return {
    server,
    record,
    async count(filter, call) {
      const { count } = await server.read(call, (client) => client.count(name, { filter, exact: true }));
      return count;
    },
    async first({ limit, after, ...scan }, call) {
      const { points } = await server.read(call, (client) =>
        client.scroll(name, { ...asked(scan), limit, ...(after !== undefined && { offset: after + 1 }) }),
      );
      return points;
    },
    async *pages({ pageSize = pageOf, ...scan }, call) {
      let offset: PointId | undefined = scan.after === undefined ? undefined : scan.after + 1;
      do {
        throwIfCallEnded(call);
        const from: PointId | undefined = offset;
        const page: Schemas['ScrollResult'] = await server.read(call, (client) =>
          client.scroll(name, {
            ...asked(scan),
            limit: pageSize,
            ...(from !== undefined && { offset: from }),
          }),
        );
        if (page.points.length > 0) yield page.points;
        const next: unknown = page.next_page_offset;
        offset = typeof next === 'string' || typeof next === 'number' ? next : undefined;
      } while (offset !== undefined);
    },
    async update(operations, call) {
      if (operations.length === 0) return;
      await server.write(call, (client) => client.batchUpdate(name, { operations, wait: true }));
    },
    async setVectors(points, unless, call) {
      for (let from = 0; from < points.length; from += vectorsAtATime) {
        throwIfCallEnded(call);
        await setBatch(points.slice(from, from + vectorsAtATime), unless, call);
      }
    },
    async addVector(kind, config, call) {
      const { next } = await record.change(call, (manifest) => ({ ...manifest, next: manifest.next + 1 }));
      const vector = `${kind}_${next - 1}`;
      await server.write(call, (client) => client.createVectorName(name, vector, config, { wait: true }));
      return vector;
    },
    deleteVector,
    async deleteRetired({ retired }, call) {
      const found = retired.find(({ since }) => Date.now() - since > restMs);
      if (!found) return false;
      const { vector } = found;
      // Another node may have been faster, or this one was stopped before it could say so.
      await deleteVector(vector, call).catch((error: unknown) => {
        if (!isRefused(error)) throw error;
      });
      await record.change(call, (now) =>
        now.retired.some((one) => one.vector === vector)
          ? { ...now, retired: now.retired.filter((one) => one.vector !== vector) }
          : now,
      );
      return true;
    },
    withManifest,
    async whereThere(call, none, work) {
      const known = await record.known(call);
      if (!known) return none;
      try {
        return await withManifest(call, known, work);
      } catch (error) {
        if (isRefused(error) && !(await record.read(call))) return none;
        throw error;
      }
    },
  };
}
