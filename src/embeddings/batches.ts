/** Longest text a model sees, in tokens; its tokenizer truncates longer ones. */
const maxTextTokens = 512;

/**
 * A rough count of word pieces: one per four Latin characters, or per character of any other script. Only
 * used for the cost of a batch.
 */
function estimateTokens(text: string): number {
  let other = 0;
  const sample = text.slice(0, maxTextTokens * 4);
  for (let i = 0; i < sample.length; i++) if (sample.charCodeAt(i) > 0x24f) other++;
  return Math.min(maxTextTokens, 2 + Math.ceil((sample.length - other) / 4) + other);
}

/**
 * Groups texts of similar length, because a batch costs its longest text times their number. Returns the
 * indexes of the texts, batch by batch.
 * @param tokensPerBatch limit of that product; a single longer text gets a batch of its own
 */
export function batchesOf(texts: readonly string[], tokensPerBatch: number): number[][] {
  const sized = texts.map((text, index) => ({ index, tokens: estimateTokens(text) }));
  sized.sort((a, b) => a.tokens - b.tokens);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const { index, tokens } of sized) {
    if (batch.length > 0 && (batch.length + 1) * tokens > tokensPerBatch) {
      batches.push(batch);
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
