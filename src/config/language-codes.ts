/**
 * The languages whose words are stemmed, ISO 639-1. They stand here because the settings name them, and must not load
 * the stemmers (`stores/index/languages.ts`).
 */
export const languageCodes = [
  'cs',
  'da',
  'de',
  'en',
  'es',
  'fi',
  'fr',
  'hu',
  'it',
  'nl',
  'no',
  'pt',
  'ro',
  'ru',
  'sv',
  'tr',
] as const;
