/** Longest text a model sees, in tokens; what is longer is cut by its tokenizer. */
const longestText = 512;

/**
 * How many word pieces a text has, roughly: four Latin characters or one of any other script each. Only
 * the cost of a batch depends on it.
 */
function estimateTokens(text: string): number {
  let other = 0;
  const looked = text.slice(0, longestText * 4);
  for (let i = 0; i < looked.length; i++) if (looked.charCodeAt(i) > 0x24f) other++;
  return Math.min(longestText, 2 + Math.ceil((looked.length - other) / 4) + other);
}

/**
 * Groups texts of like length, because a batch costs its longest text times their number. Returns the
 * places of the texts, batch by batch.
 * @param tokensPerBatch bound of that product; a single longer text is a batch of its own
 */
export function batchesOf(texts: readonly string[], tokensPerBatch: number): number[][] {
  const sized = texts.map((text, place) => ({ place, tokens: estimateTokens(text) }));
  sized.sort((a, b) => a.tokens - b.tokens);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const { place, tokens } of sized) {
    if (batch.length > 0 && (batch.length + 1) * tokens > tokensPerBatch) {
      batches.push(batch);
      batch = [];
    }
    batch.push(place);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
