import type { Call } from '../../call.ts';
import { similarNames } from '../../similar-names.ts';
import { analyse, languageOfText } from '../../stores/index/analyser.ts';
import { indexedText } from '../../stores/index/indexed-text.ts';
import { languages } from '../../stores/index/languages.ts';
import { termsOfWords } from '../../stores/index/query-terms.ts';
import type { IndexStatistics, Retriever } from '../../stores/index/types.ts';
import { emptyLibrary } from '../empty-library.ts';
import { outdated } from '../mismatch.ts';
import type { ShownPassage } from './passages.ts';
import type { SearchQuery } from './query.ts';
import type { Ranking } from './rank.ts';

const pendingOf = ({ chunks, embedded, unknown = 0 }: IndexStatistics): number => chunks - embedded - unknown;

function backlogNote(statistics: IndexStatistics): string | undefined {
  const { chunks } = statistics;
  const pending = pendingOf(statistics);
  if (pending <= 0) return undefined;
  return `${pending} of ${chunks} passages have no vector yet and were searched by keyword only.`;
}

/**
 * Whether the same question may be answered better in a moment without a change of documents: a model that does not answer
 * now, vectors that are still to be made. What other notes say lasts until the library changes.
 */
export const isProvisional = ({ statistics, vector, whyNoVector }: SearchQuery): boolean =>
  whyNoVector !== undefined || (vector !== undefined && pendingOf(statistics) > 0);

/** Where fewer passages than this share are unknown to the model, and none of them is shown, it is not worth a note. */
const notable = 0.1;

/** That meaning was not used for some passages. */
function unknownNote(
  { chunks, unknown = 0 }: IndexStatistics,
  { ranked }: Ranking,
  passages: readonly ShownPassage[],
): string | undefined {
  if (unknown === 0) return undefined;
  const compared = new Set(ranked.filter(({ cosine }) => cosine !== undefined).map(({ chunk }) => chunk));
  if (unknown < notable * chunks && passages.every(({ best }) => compared.has(best))) return undefined;
  return `For ${unknown} of ${chunks} passages meaning was not used: the embedding model does not know their writing; a multilingual embeddingModel does.`;
}

/** Why the passages shown do not contain the quoted phrase. */
function looseNote({ vector }: SearchQuery, { missingPhrases, ranked, best }: Ranking): string | undefined {
  if (missingPhrases.length === 0 || ranked.length === 0) return undefined;
  const quoted = missingPhrases.map((phrase) => `"${phrase}"`).join(' and ');
  const all = missingPhrases.length > 1 ? ' together' : '';
  const how = [...(best.keywords > 0 ? ['words'] : []), ...(vector ? ['meaning'] : [])].join(' and ');
  return `No passage has ${quoted}${all} as written: these were found by ${how}.`;
}

/** Notes on the answer and on the index, one line each. */
export async function notesOf(
  query: SearchQuery,
  ranking: Ranking,
  passages: readonly ShownPassage[],
  retriever: Retriever,
  call: Call,
): Promise<string[]> {
  const { statistics, formats, vector, whyNoVector, minSimilarity, isNarrowed } = query;
  const isPartial = whyNoVector === undefined ? undefined : `Searched by keyword only. ${whyNoVector}`;
  if (isNarrowed) return [isPartial, looseNote(query, ranking)].filter((note) => note !== undefined);
  const notes = [
    isPartial,
    looseNote(query, ranking),
    vector ? backlogNote(statistics) : undefined,
    vector ? unknownNote(statistics, ranking, passages) : undefined,
    outdated(formats),
    !vector && minSimilarity !== undefined
      ? 'min_similarity was not applied: nothing was compared by meaning.'
      : undefined,
    statistics.chunks === 0 ? emptyLibrary : undefined,
    passages.length === 0 ? await emptyNote(query, ranking, retriever, call) : undefined,
  ];
  return notes.filter((note) => note !== undefined);
}

/** The field names in a filter, without the operators around them. */
function* fieldsOf(filter: unknown): Generator<string> {
  if (Array.isArray(filter)) for (const part of filter) yield* fieldsOf(part);
  else if (typeof filter === 'object' && filter !== null) {
    for (const [name, value] of Object.entries(filter)) {
      if (!name.startsWith('$')) yield name;
      else if (name !== '$expr') yield* fieldsOf(value);
    }
  }
}

/** The date fields that every document has. */
const dateFields: ReadonlySet<string> = new Set(['modified', 'indexed_at']);
const dateHint =
  'modified and indexed_at are dates: write {"$gte": {"$date": "2026-01-31T00:00:00Z"}}. Front matter dates are text.';

function holdsText(condition: unknown): boolean {
  if (typeof condition === 'string') return true;
  if (typeof condition !== 'object' || condition === null) return false;
  return Object.values(condition).some(holdsText);
}

function comparesDateWithText(filter: unknown): boolean {
  if (Array.isArray(filter)) return filter.some(comparesDateWithText);
  if (typeof filter !== 'object' || filter === null) return false;
  return Object.entries(filter).some(([name, condition]) =>
    dateFields.has(name) ? holdsText(condition) : name.startsWith('$') && comparesDateWithText(condition),
  );
}

/** The types that a filter names. */
function* typesIn(filter: unknown): Generator<string> {
  if (Array.isArray(filter)) for (const part of filter) yield* typesIn(part);
  else if (typeof filter === 'object' && filter !== null) {
    for (const [name, value] of Object.entries(filter)) {
      if (name === 'type') yield* textsIn(value);
      else if (name.startsWith('$')) yield* typesIn(value);
    }
  }
}

/** What a condition compares with by equality. */
function* textsIn(condition: unknown): Generator<string> {
  if (typeof condition === 'string') yield condition;
  else if (typeof condition === 'object' && condition !== null) {
    const { $eq, $in } = condition as { readonly $eq?: unknown; readonly $in?: unknown };
    for (const value of [$eq, ...(Array.isArray($in) ? $in : [])]) if (typeof value === 'string') yield value;
  }
}

const quoted = (names: readonly string[], between: string): string =>
  names.map((name) => `"${name}"`).join(between);

/** Why a type that no document has finds nothing. */
function typeNote(filter: unknown, types: readonly string[]): string | undefined {
  const unknown = [...typesIn(filter)].find((type) => !types.includes(type));
  if (unknown === undefined || types.length === 0) return undefined;
  const near = similarNames(unknown, types);
  const hint = near.length > 0 ? `did you mean ${quoted(near, ' or ')}?` : `there is ${quoted(types, ', ')}.`;
  return `None has the type "${unknown}": ${hint}`;
}

/** Why nothing was found: the filter matches no document, or names a field that none has. */
async function emptyNote(
  { filter, within, minSimilarity, selection }: SearchQuery,
  { best }: Ranking,
  retriever: Retriever,
  call: Call,
): Promise<string | undefined> {
  if (minSimilarity !== undefined && best.cosine > 0) {
    return `The nearest passage has a similarity of ${best.cosine.toFixed(3)}, below min_similarity.`;
  }
  if (filter === undefined && within === undefined) return undefined;
  const { documents, fields, types } = await retriever.selected(selection, call);
  if (documents > 0) return undefined;
  const unknown = [...fieldsOf(filter)].find(
    (name) => !fields.includes(name.replace(/^metadata\./, '').split('.')[0] ?? ''),
  );
  const what = filter === undefined ? 'No document id starts with that.' : 'No document matches the filter.';
  if (unknown === undefined) {
    const why = typeNote(filter, types) ?? (comparesDateWithText(filter) ? dateHint : undefined);
    return why === undefined ? what : `${what} ${why}`;
  }
  const suggestions = similarNames(unknown.replace(/^metadata\./, ''), fields).map((name) => `"${name}"`);
  const hint =
    suggestions.length > 0 ? `Did you mean ${suggestions.join(' or ')}?` : `Fields: ${fields.join(', ')}.`;
  return `${what} None has a field "${unknown}". ${hint}`;
}

/**
 * A weak signal, hence only a note: 3 to 5 % of the answerable queries in judged collections have no closer passage
 * either, and many unrelated queries do.
 */
const farCosine = 0.2;

/** Whether a passage has every word of the question: then it answers, however far its meaning seems. */
function hasEveryWord({ scoredWords }: SearchQuery, passages: readonly ShownPassage[]): boolean {
  const terms = termsOfWords(scoredWords.words, languages);
  if (terms.length === 0) return false;
  const asked = languageOfText(scoredWords.words) ?? 'en';
  const spoken = { usual: () => asked };
  return passages.some(({ passage: { title, heading, text } }) => {
    const indexed = indexedText(title, heading, text);
    // By itself it may not tell the language that it has from its document.
    const found = new Set([...analyse(indexed), ...analyse(indexed, spoken)]);
    return terms.every(({ terms: any, beginning }) =>
      beginning === undefined ? any.some((term) => found.has(term)) : text.includes(beginning),
    );
  });
}

/** That the passages may not be what was asked for. */
export function doubtOf(
  query: SearchQuery,
  { best }: Ranking,
  passages: readonly ShownPassage[],
): string | undefined {
  const { mode, vector, statistics } = query;
  if (!vector || pendingOf(statistics) > 0 || passages.length === 0) return undefined;
  if (best.cosine < farCosine && !hasEveryWord(query, passages)) {
    return 'No close match: the documents may not answer this question.';
  }
  if (mode !== 'hybrid' || best.keywords > 0) return undefined;
  return 'No passage has a word of the question: these are the closest in meaning.';
}
