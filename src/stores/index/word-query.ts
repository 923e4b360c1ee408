import { tidy } from '../../tidy.ts';
import type { WordQuery } from './types.ts';

const quoted = /["“”]([^"“”]*)["“”]/g;
const starred = /(?<![\p{L}\p{N}])([\p{L}\p{N}]{2,})\*/gu;

/**
 * Parses a query: `"exact words"` must be consecutive, `electroly*` stands for every word that begins with it.
 * `text` is the query without these signs, for its vector. An unpaired quotation mark is ordinary text.
 */
export function parseWordQuery(query: string): WordQuery & { readonly text: string } {
  const phrases: string[] = [];
  const prefixes: string[] = [];
  const rest = query.replace(quoted, (_, phrase: string) => {
    if (phrase.trim() !== '') phrases.push(phrase.trim());
    return ' ';
  });
  const loose = rest.replace(starred, (_, prefix: string) => {
    prefixes.push(prefix);
    return ' ';
  });
  const text = tidy(query.replace(quoted, ' $1 ').replace(starred, '$1'));
  return { text, words: tidy([loose, ...phrases].join(' ')), phrases, prefixes };
}
