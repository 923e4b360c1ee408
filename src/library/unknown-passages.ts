/** Says of how many passages the model makes no vector. */
export const unknownPassages = (count: number): string =>
  count === 1
    ? '1 passage has no vector: the model does not know its writing'
    : `${count} passages have no vector: the model does not know their writing`;

/** What to do about it. */
export const unknownCure = 'Only words find them; a multilingual embeddingModel knows more.';
