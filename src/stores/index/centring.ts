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
