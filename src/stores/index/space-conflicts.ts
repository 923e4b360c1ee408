import { HydrogenError } from '../../errors.ts';

// In the same words from every engine: vectors of two models are never mixed.

/** For vectors of another model than the one that serves. */
export function otherModelServes(): HydrogenError {
  return new HydrogenError(
    'conflict',
    'The index holds vectors of another embedding model: use the same embeddingModel everywhere, or run `hydrogen reindex`.',
  );
}

/** For vectors of another model than the one whose space is being built. */
export function otherModelIsBuilt(): HydrogenError {
  return new HydrogenError(
    'conflict',
    'Another process has begun to build the index for another embedding model. Use the same embeddingModel everywhere and run `hydrogen reindex` again.',
  );
}
