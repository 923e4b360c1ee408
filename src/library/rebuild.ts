import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { type Call, systemCall } from '../call.ts';
import type { Embedder, EmbeddingSpace } from '../embeddings/types.ts';
import { HydrogenError } from '../errors.ts';
import type { Lease, SearchIndex } from '../stores/index/types.ts';

/** Chunks between two writes: what a crash costs. */
const batchSize = 64;
/** How long another process that makes vectors is waited for, and how often it is looked at, in ms. */
const patience = 30_000;
const lookMs = 250;
/** How long giving the lease back may wait for the write lock, in ms; it ends by itself. */
const releaseMs = 2_000;

type Told = (done: number, total: number) => void;

/** Makes the vectors that the new space lacks, until a whole pass finds none missing. Returns how many. */
async function buildAll(
  space: EmbeddingSpace,
  { index, embedder, lease }: { index: SearchIndex; embedder: Embedder; lease: Lease },
  told: Told,
  call: Call,
): Promise<number> {
  let built = 0;
  for (let missing = true; missing; ) {
    missing = false;
    const { chunks: total } = await index.stats(call);
    for (let after = 0; ; ) {
      const chunks = await index.unbuilt(after, batchSize, call);
      const last = chunks.at(-1);
      if (!last) break;
      missing = true;
      after = last.chunk;
      const texts = chunks.map(({ text }) => text);
      const vectors = await embedder.embed(texts, 'passage', call);
      const rows = chunks.flatMap(({ chunk }, i) => {
        const vector = vectors[i];
        return vector ? [{ chunk, vector }] : [];
      });
      built += await index.buildVectors(space, rows, lease, call);
      told(built, Math.max(built, total));
    }
  }
  return built;
}

/** Takes the lease as soon as another process gives it back; false when that takes too long. */
async function claimSoon(index: SearchIndex, lease: Lease, call: Call): Promise<boolean> {
  const until = Date.now() + patience;
  while (!(await index.claim(lease, call))) {
    if (Date.now() > until) return false;
    call.progress({ done: 0, message: 'waiting for another process that makes vectors' });
    await setTimeout(lookMs, undefined, { signal: call.signal }).catch(() => {});
  }
  return true;
}

/**
 * Makes all vectors of the configured model beside those that serve, then lets them serve. Does nothing when
 * those are of the same model (but for giving up what was begun for another), or there are none. Returns how
 * many were made.
 * @throws HydrogenError `unavailable` without a model, `conflict` while another process goes on making vectors.
 */
export async function rebuildVectors(
  { index, embedder }: { index: SearchIndex; embedder: Embedder },
  told: Told,
  call: Call,
): Promise<number> {
  const space = await embedder.ready(call);
  const isThere = async (): Promise<boolean | undefined> => {
    const { space: serving } = await index.stats(call);
    return serving && serving.fingerprint === space.fingerprint;
  };
  const before = await isThere();
  if (before === undefined) return 0;
  const lease: Lease = { owner: randomUUID(), pid: process.pid, host: hostname() };
  if (before) {
    if (!(await index.claim(lease, call))) return 0;
  } else if (!(await claimSoon(index, lease, call))) {
    throw new HydrogenError(
      'conflict',
      'Another process is making vectors in this data directory. Let it finish, then run `hydrogen reindex` again.',
    );
  }
  try {
    // Another process may have made them meanwhile.
    const isServing = await isThere();
    await index.build(space, call);
    if (isServing) return 0;
    const built = await buildAll(space, { index, embedder, lease }, told, call);
    await index.switchSpace(space, call);
    return built;
  } finally {
    // The call may be over: giving the lease back must not depend on it.
    await index.release(lease, systemCall(call.log, { limitMs: releaseMs })).catch(() => {});
  }
}

/** Deletes the vectors that serve no more. */
export async function sweepVectors(index: SearchIndex, call: Call): Promise<void> {
  while (await index.sweep(call));
}
