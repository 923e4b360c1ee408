const bins = 1_024;

/**
 * The indices of the `limit` greatest of the first `count` scores, the greatest first. A histogram ensures that no heap
 * or sort sees more than a few beyond the limit.
 */
export function bestScores(scores: Float32Array, count: number, limit: number): Uint32Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i++) {
    const score = scores[i] as number;
    if (score < low) low = score;
    if (score > high) high = score;
  }
  let threshold = low;
  if (count > limit && high > low) {
    const scale = (bins - 1) / (high - low);
    const histogram = new Uint32Array(bins);
    for (let i = 0; i < count; i++) {
      const bin = ((scores[i] as number) - low) * scale;
      histogram[bin | 0] = (histogram[bin | 0] as number) + 1;
    }
    let bin = bins - 1;
    for (let above = histogram[bin] as number; above < limit; ) above += histogram[--bin] as number;
    // Slightly lower, so that rounding excludes none.
    threshold = low + (bin - 0.01) / scale;
  }
  const indices: number[] = [];
  for (let i = 0; i < count; i++) if ((scores[i] as number) >= threshold) indices.push(i);
  indices.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  return Uint32Array.from(indices.slice(0, limit));
}
