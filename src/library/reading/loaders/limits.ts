/** Most text of one document, in characters: what the parser, the store and a person can still handle. */
export const maxText = 10_000_000;

/** Most bytes that the parts of an archive which are read may unpack to. */
export const maxUnpacked = 64_000_000;
/** Most entries of an archive. */
export const maxEntries = 20_000;
/** What unpacks to so many times its size is made to do harm, once it is not small. */
export const maxRatio = 200;
export const smallUnpacked = 8_000_000;

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** @param length characters or bytes of text, when it is known */
export function tooMuchText(length?: number): string {
  const found = length === undefined ? 'more than' : `${megabytes(length)}; the limit is`;
  return `too much text for one document (${found} ${megabytes(maxText)}): divide the file`;
}
