import { z } from 'zod';
import { storesOf } from '../config/stores.ts';
import type { SearchHit, SearchMode } from '../library/types.ts';
import { libraryTag } from '../stores/cache/cache.ts';
import { limit, queryObject } from './common/arguments.ts';
import { type Citation, citation, headingText } from './common/citation.ts';
import { defineTool, type Rows, type ToolContext } from './common/define.ts';
import { plural, queryArgument } from './common/queries.ts';
import { rememberedAnswer } from './common/remembered.ts';

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Characters of a hit's text: about 200 tokens. */
const maxTextLength = 800;
/** Documents with the same passage that a hit names. */
const maxNamedCopies = 5;

/** A passage in an answer. */
export interface SearchRow extends Citation {
  readonly document: string;
  readonly title: string;
  readonly heading?: string;
  readonly score?: number;
  readonly similarity?: number;
  /** The components of the score, with `explain`. */
  readonly score_of?: Readonly<Record<string, number>>;
  /** In which its words are stemmed, with `explain`. */
  readonly language?: string;
  readonly also_in?: readonly string[];
  readonly more_in_document?: number;
  /** What others wrote with the passage: short values only. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Values of metadata that are shown, and how long a text may be. */
const maxShownFields = 8;
const maxShownLength = 100;

function shortMetadata(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const isShort = (value: unknown): boolean =>
    ['number', 'boolean'].includes(typeof value) ||
    (typeof value === 'string' && value !== '' && value.length <= maxShownLength);
  const short = Object.entries(metadata)
    .filter(([, value]) => isShort(value))
    .slice(0, maxShownFields);
  return short.length > 0 ? Object.fromEntries(short) : undefined;
}

function rowOf(hit: SearchHit, mode: SearchMode): SearchRow {
  const { document, title, heading, lines, place, score, similarity, alsoIn, more, parts, language, text } =
    hit;
  const above = headingText(title, heading);
  const written = hit.metadata && shortMetadata(hit.metadata);
  return {
    document,
    ...citation(lines, place),
    title,
    ...(above !== undefined && { heading: above }),
    ...(score !== undefined && { score: round(score) }),
    ...(similarity !== undefined && { similarity: round(similarity) }),
    ...(parts && {
      score_of: {
        ...(mode !== 'semantic' && { bm25: round(parts.bm25) }),
        ...(parts.wordRank !== undefined && { rank_by_words: parts.wordRank }),
        ...(parts.meaningRank !== undefined && { rank_by_meaning: parts.meaningRank }),
      },
    }),
    ...(language !== undefined && { language }),
    ...(alsoIn.length > 0 && { also_in: alsoIn.slice(0, maxNamedCopies) }),
    ...(more > 0 && { more_in_document: more }),
    ...(written && { metadata: written }),
    text,
  };
}

/** How the order came about, with the figures of this question. */
function orderingOf(
  { bestBm25, held, nearest, weights }: NonNullable<SearchHit['parts']>,
  mode: SearchMode,
): string {
  const best = round(bestBm25);
  if (mode === 'semantic') return 'Order: by similarity.';
  if (mode === 'keyword') return `Order: by words, score = bm25 / ${best}, the best.`;
  const [words, meaning] = [round(weights.words), round(weights.meaning)];
  return `Order: by words and meaning, score = ${words} x (bm25 / ${best})^1.5 + ${meaning} x similarity, since the best passage by words has ${Math.round(held * 100)} % of the question and the nearest has a similarity of ${round(nearest)}.`;
}

const input = z.strictObject({
  query: z.string().trim().min(1).max(2_000),
  filter: queryObject
    .optional()
    .describe(
      'MongoDB filter on document, source, path, type, title, modified, indexed_at, or front matter fields',
    ),
  within: z.string().max(1_024).optional().describe('only ids that start with this'),
  mode: z.enum(['hybrid', 'semantic', 'keyword']).default('hybrid'),
  limit: limit(6),
  min_similarity: z.number().min(-1).max(1).optional(),
  explain: z.boolean().default(false),
});

interface Found {
  readonly answer: Rows<SearchRow>;
  /** It is the same until the library changes, notes and all. */
  readonly isLasting: boolean;
}

async function searched(
  {
    limit: requestedLimit,
    within,
    filter,
    min_similarity: minSimilarity,
    ...request
  }: z.output<typeof input>,
  { library, config, call }: ToolContext,
): Promise<Found> {
  const {
    hits,
    mode,
    notes,
    doubt,
    isProvisional = false,
    explained = [],
  } = await library.search(
    {
      ...request,
      limit: Math.min(requestedLimit, config.maxRows),
      textLength: maxTextLength,
      ...(within !== undefined && { within }),
      ...(filter !== undefined && { filter: queryArgument('filter', filter) }),
      ...(minSimilarity !== undefined && { minSimilarity }),
    },
    call,
  );
  const documents = new Set(hits.map(({ document }) => document)).size;
  const found =
    hits.length === 0
      ? `No passage found (${mode}).`
      : `${plural(hits.length, 'passage')} from ${plural(documents, 'document')}, best first (${mode}).`;
  const parts = hits.find((hit) => hit.parts)?.parts;
  const ordering = parts ? [orderingOf(parts, mode)] : [];
  const capNote =
    requestedLimit > config.maxRows && hits.length === config.maxRows
      ? [`At most ${config.maxRows} passages are returned (maxRows).`]
      : [];
  const answer = {
    summary: [
      ...(doubt === undefined ? [] : [doubt]),
      found,
      ...ordering,
      ...explained,
      ...capNote,
      ...notes,
    ].join(' '),
    ...(doubt !== undefined && { isDoubtful: true }),
    note: [...(doubt === undefined ? [] : [doubt]), ...(hits.length === 0 ? notes : [])].join(' '),
    rows: hits.map((hit) => rowOf(hit, mode)),
  };
  return { answer, isLasting: !isProvisional && mode === request.mode };
}

export const search = defineTool({
  name: 'search',
  operation: 'read',
  title: 'Search documents',
  description:
    'Passages of the documents that answer a question, by meaning and by words; "exact phrase" and prefi* work. Cite them as document:lines (or page); the lines are of the text that get_document gives.',
  lateAdvice: 'Try again, or ask for fewer (limit) or with mode "keyword".',
  input,
  async run(args, context) {
    const { index } = storesOf(context.config);
    // What is embedded is here, and other processes on its file may have changed it; nobody tells what others fill.
    if (index === 'embedded' || context.config.qdrantCollections.length > 0)
      return (await searched(args, context)).answer;
    const { qdrantUrl = '', qdrantCollection } = context.config;
    const answer = {
      name: 'search',
      args,
      of: [qdrantUrl, qdrantCollection],
      tags: [libraryTag],
      hasDocuments: false,
    };
    return rememberedAnswer(answer, context, async (call) => {
      const found = await searched(args, { ...context, call });
      return { answer: found.answer, isKept: found.isLasting };
    });
  },
});
