import { modelOf } from '../embeddings/fingerprint.ts';
import type { EmbeddingSpace } from '../embeddings/types.ts';
import { documentFormat } from './reading/chunk.ts';

/** A message if the index holds vectors of a different model than the one loaded. */
export function mismatchOf(
  stored: EmbeddingSpace | undefined,
  loaded: EmbeddingSpace | undefined,
): string | undefined {
  if (!stored || !loaded || stored.fingerprint === loaded.fingerprint) return undefined;
  const [before, now] = [modelOf(stored.fingerprint), modelOf(loaded.fingerprint)];
  const what = before === now ? `another version of "${before}"` : `"${before}", not "${now}"`;
  return `The index was built with ${what}: its vectors cannot be compared. Rebuild them with \`hydrogen reindex\`, or restore embeddingModel.`;
}

/**
 * A message if documents were read by another version of loaders, chunker or analyser, or if the writing of their
 * passages was interrupted.
 */
export function outdated(formats: Readonly<Record<string, number>>): string | undefined {
  const { [documentFormat]: current = 0 } = formats;
  const others = Object.values(formats).reduce((sum, count) => sum + count, 0) - current;
  if (others === 0) return undefined;
  return `${others} documents were read by another version, or not to their end, and may be hard to find. Reread them with \`hydrogen reindex\`.`;
}
