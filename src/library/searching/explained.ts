import type { Call } from '../../call.ts';
import type { Tongue } from '../../stores/index/languages.ts';
import type { Retriever } from '../../stores/index/types.ts';
import type { SearchQuery } from './query.ts';

/** A passage that is shown, and those that were folded into it. */
interface Folded {
  readonly passage: { readonly chunk: number };
  readonly copies: readonly unknown[];
}

interface Explained {
  /** How the answer came about, one line each. */
  readonly lines: readonly string[];
  /** The language in which the words of each passage are stemmed. */
  readonly languages: readonly Tongue[];
}

const names = new Intl.DisplayNames('en', { type: 'language' });
const nameOf = (language: Tongue): string => names.of(language) ?? language;

function foldingLine({ mergeDuplicates }: SearchQuery, passages: readonly Folded[]): string {
  if (!mergeDuplicates) return 'Folding: copies are shown one by one.';
  const folded = passages.reduce((sum, { copies }) => sum + copies.length, 0);
  const why = 'the same words, numbers and signs in the same order';
  return folded === 0
    ? `Folding: no passage has ${why} as one that is shown.`
    : `Folding: ${folded === 1 ? '1 passage was' : `${folded} passages were`} folded into one that is shown, which has ${why} (also_in).`;
}

/** What the search says of how it came to its answer, where it is asked to explain. */
export async function explained(
  query: SearchQuery,
  passages: readonly Folded[],
  retriever: Retriever,
  call: Call,
): Promise<Explained | undefined> {
  if (!query.explain) return undefined;
  const chunks = passages.map(({ passage }) => passage.chunk);
  const { all, ofChunks } = await retriever.languages(chunks, call);
  const lookedUp = ['en' as const, ...all].map(nameOf).join(', ');
  const language = `Language: the question's words were looked up by their stems in ${lookedUp}, which passages here are in; "language" is that of a passage.`;
  return { lines: [foldingLine(query, passages), language], languages: ofChunks };
}
