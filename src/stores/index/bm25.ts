// BM25 as Lucene computes it: the sum over the query's terms of idf · tf / (tf + k1 (1 - b + b · dl / avgdl)).

/** Lucene's defaults. */
const k1 = 1.2;
const b = 0.75;

/** ln(1 + (N - df + .5) / (df + .5)) of a term that `df` of `n` chunks have. */
export function idfOf(n: number, df: number): number {
  return Math.log(1 + (n - df + 0.5) / (df + 0.5));
}

/** What is added to a term's frequency to divide it by: k1 (1 - b + b · dl / avgdl), of a chunk's length in terms. */
export function lengthNorm(length: number, average: number): number {
  return k1 * (1 - b + (b * length) / average);
}
