/** Changes whenever the same text would give other terms: documents read by another one are read again. */
export const analyserVersion = 'en-2';
