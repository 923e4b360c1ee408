/** Changes whenever the same text would produce different terms: documents read by another version are read again. */
export const analyserVersion = 'words-4';
