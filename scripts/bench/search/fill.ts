import type { Call } from '../../../src/call.ts';
import { documentFormat } from '../../../src/library/reading/chunk.ts';
import type {
  Backfill,
  NewDocument,
  PendingChunk,
  Retriever,
  VectorSpace,
} from '../../../src/stores/index/types.ts';

const chunksPerDocument = 10;
const documentsAtATime = 100;
const vectorsAtATime = 2_048;
/** Documents on the same shelf are 1 % of all. */
export const shelves = 100;

function documentOf(number: number, textOf: (i: number) => string): NewDocument {
  const texts = Array.from({ length: chunksPerDocument }, (_, i) => textOf(number * chunksPerDocument + i));
  const id = `bench/${String(number).padStart(7, '0')}.md`;
  return {
    id,
    title: `Document ${number}`,
    type: 'markdown',
    bytes: texts.join('\n\n').length,
    text: texts.join('\n\n'),
    metadata: { shelf: number % shelves },
    hash: String(number),
    format: documentFormat,
    chunks: texts.map((text, i) => ({
      id: `${id}#${i}`,
      heading: [],
      lines: [2 * i + 1, 2 * i + 1],
      text,
    })),
  };
}

/** Adds documents until the index has so many chunks; the first is number `from` / 10. */
export async function addChunks(
  index: Pick<Retriever, 'upsert'>,
  { from, to }: { from: number; to: number },
  textOf: (i: number) => string,
  call: Call,
): Promise<void> {
  const [first, last] = [from / chunksPerDocument, to / chunksPerDocument];
  for (let number = first; number < last; number += documentsAtATime) {
    const count = Math.min(documentsAtATime, last - number);
    await index.upsert(
      Array.from({ length: count }, (_, i) => documentOf(number + i, textOf)),
      call,
    );
  }
}

/** Makes the vectors of chunks, in their order. */
export type VectorsOf = (chunks: readonly PendingChunk[]) => Promise<readonly Float32Array[]>;

/** Gives every chunk without a vector one. */
export async function addVectors(
  index: Backfill,
  space: VectorSpace,
  vectorsOf: VectorsOf,
  call: Call,
): Promise<void> {
  for (;;) {
    const { chunks } = await index.pending(vectorsAtATime, call);
    if (chunks.length === 0) break;
    const made = await vectorsOf(chunks);
    const vectors = chunks.flatMap(({ chunk }, i) => {
      const vector = made[i];
      return vector ? [{ chunk, vector }] : [];
    });
    await index.saveVectors(space, vectors, call);
  }
}
