// Vectors are compared around their mean, which is frozen per space (ARCHITECTURE.md, Search). Every retriever follows
// the same rules, so that a library answers alike on all of them.

/** The number of vectors for a mean: the minimum, and when more are still to come. */
const minVectors = 20;
const meanWhilePending = 256;
/** A mean of fewer vectors than this is recomputed once there are `meanGrowth` times as many. */
const meanIsGood = 1_000;
const meanGrowth = 8;
/** A mean is that of the first vectors, at most so many. */
export const meanOfAtMost = 2_000;

/**
 * Whether a space with this many vectors is to have a new mean, or none where they are too few for one.
 * @param meanOf of how many vectors its mean was made; 0 when it has none
 * @param complete no more vectors are to come
 */
export function isMeanDue(vectors: number, meanOf: number, complete: boolean): boolean {
  // Most of those it was made of are gone: what came and went must not show in later answers.
  if (complete && vectors * 2 < meanOf) return true;
  if (meanOf >= meanIsGood) return false;
  const required = meanOf === 0 ? minVectors : meanOf * meanGrowth;
  return vectors >= (complete ? required : Math.max(required, meanWhilePending));
}

/** The mean of vectors, and of how many it is; undefined when they are too few. */
export function meanVector(
  vectors: Iterable<{ readonly vector: Float32Array }>,
  dimensions: number,
): { readonly mean: Float32Array; readonly count: number } | undefined {
  const sum = new Float64Array(dimensions);
  let count = 0;
  for (const { vector } of vectors) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
    count++;
  }
  return count < minVectors ? undefined : { mean: Float32Array.from(sum, (value) => value / count), count };
}

/** `vector` minus the mean, scaled to length 1; all 0 when the difference is zero. */
export function centred(vector: Float32Array, mean: Float32Array | undefined): Float32Array {
  const result = new Float32Array(vector.length);
  let square = 0;
  for (let i = 0; i < vector.length; i++) {
    const value = (vector[i] as number) - (mean ? (mean[i] as number) : 0);
    result[i] = value;
    square += value * value;
  }
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let i = 0; i < vector.length; i++) result[i] = (result[i] as number) * scale;
  return result;
}

/**
 * Cosine of a centred query of length 1 and a vector as the model made it. Checking for `undefined` where the index is
 * in range would cost more than the sums.
 */
export function centredCosine(
  query: Float32Array,
  vector: Float32Array,
  mean: Float32Array | undefined,
): number {
  let dot = 0;
  let square = 0;
  for (let i = 0; i < query.length; i++) {
    const value = (vector[i] as number) - (mean ? (mean[i] as number) : 0);
    dot += value * (query[i] as number);
    square += value * value;
  }
  return square > 0 ? dot / Math.sqrt(square) : 0;
}
