/** Why there is nothing to search or to list. */
export const emptyLibrary = 'The library is empty. Add documents with `hydrogen ingest FOLDER`.';
