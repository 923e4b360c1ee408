import { setTimeout } from 'node:timers/promises';
import type { Call } from '../../../call.ts';
import type { Embedder, EmbeddingSpace } from '../../../embeddings/types.ts';
import { HydrogenError } from '../../../errors.ts';
import { ownerName } from '../../../process-identity.ts';
import type { Backfill, BackfillLease, Retriever } from '../../../stores/index/types.ts';
import { makeVectors } from './make-vectors.ts';
import { whileLeased } from './while-leased.ts';

/** Chunks per write: the work that a crash can lose. */
const batchSize = 64;
/** How long to wait for another process that is making vectors, and how often to check, in ms. */
const maxWaitMs = 30_000;
const pollMs = 250;

type OnProgress = (done: number, total: number) => void;

interface Parts {
  readonly retriever: Retriever;
  readonly backfill: Backfill;
  readonly lease: BackfillLease;
  readonly embedder: Embedder;
}

function othersWork(): HydrogenError {
  return new HydrogenError(
    'conflict',
    'Another process is making vectors in this data directory. Let it finish, then run `hydrogen reindex` again.',
  );
}

/** Makes the vectors missing from the new space, until a full pass finds none. Returns how many. */
async function buildAll(
  space: EmbeddingSpace,
  { retriever, backfill, embedder }: Parts,
  keep: () => Promise<boolean>,
  onProgress: OnProgress,
  call: Call,
): Promise<number> {
  let built = 0;
  /** Those that the model does not know: they are left out once it serves. */
  const unknown = new Set<number>();
  for (let missing = true; missing; ) {
    missing = false;
    const { chunks: total } = await retriever.stats(call);
    for (let after = 0; ; ) {
      if (!(await keep())) throw othersWork();
      const chunks = await backfill.unbuilt(after, batchSize, call);
      const last = chunks.at(-1);
      if (!last) break;
      after = last.chunk;
      const { rows } = await makeVectors(
        chunks.filter(({ chunk }) => !unknown.has(chunk)),
        embedder,
        call,
      );
      const made = new Set(rows.map(({ chunk }) => chunk));
      for (const { chunk } of chunks) if (!made.has(chunk)) unknown.add(chunk);
      if (rows.length === 0) continue;
      missing = true;
      built += await backfill.buildVectors(space, rows, call);
      onProgress(built, Math.max(built, total));
    }
  }
  return built;
}

/** Takes the lease as soon as another process releases it; false when that takes too long. */
async function claimSoon(lease: BackfillLease, owner: string, call: Call): Promise<boolean> {
  const until = Date.now() + maxWaitMs;
  while (!(await lease.claim(owner, call))) {
    if (Date.now() > until) return false;
    call.progress({ done: 0, message: 'waiting for another process making vectors' });
    await setTimeout(pollMs, undefined, { signal: call.signal }).catch(() => {});
  }
  return true;
}

/**
 * Makes all vectors of the configured model next to the active ones, then switches over. Does nothing when the active
 * ones are of the same model (except dropping a rebuild begun for another), or there are none. Returns how many were
 * made.
 * @throws HydrogenError `unavailable` without a model, `conflict` while another process keeps making vectors
 */
export async function rebuildVectors(parts: Parts, onProgress: OnProgress, call: Call): Promise<number> {
  const { retriever, backfill, lease, embedder } = parts;
  const space = await embedder.ready(call);
  const isModelServing = async (): Promise<boolean | undefined> => {
    const { space: serving } = await retriever.stats(call);
    return serving && serving.fingerprint === space.fingerprint;
  };
  const before = await isModelServing();
  if (before === undefined) return 0;
  const owner = ownerName();
  if (before) {
    if (!(await lease.claim(owner, call))) return 0;
  } else if (!(await claimSoon(lease, owner, call))) throw othersWork();
  return whileLeased(lease, owner, call, async (keep) => {
    // Another process may have made them in the meantime.
    const isServing = await isModelServing();
    await backfill.build(space, call);
    if (isServing) return 0;
    const built = await buildAll(space, parts, keep, onProgress, call);
    await backfill.switchSpace(space, call);
    return built;
  });
}

/** Deletes vectors that are no longer active. */
export async function removeRetiredVectors(backfill: Backfill, call: Call): Promise<void> {
  while (await backfill.removeRetired(call));
}
