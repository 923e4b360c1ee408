import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelRequest, Pooling } from './messages.ts';

/** How a model is meant to be used. */
export type ModelUsage = Pick<ModelRequest, 'pooling' | 'layerNorm' | 'prefixes'>;

interface Family {
  readonly names: RegExp;
  readonly pooling: Pooling;
  readonly layerNorm?: true;
  readonly query: string;
  readonly passage: string;
}

const bgeQuestion = 'Represent this sentence for searching relevant passages: ';
const instruction =
  'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:';

/**
 * How families of models are meant to be used, from their model cards; the first match wins. Others
 * (MiniLM, mpnet, gte-small/base/large, jina v2, the packaged one) use the mean and no prefix.
 */
const families: readonly Family[] = [
  { names: /e5-mistral/i, pooling: 'last', query: `${instruction} `, passage: '' },
  { names: /e5-.*instruct/i, pooling: 'mean', query: `${instruction} `, passage: '' },
  { names: /(^|-)e5-/i, pooling: 'mean', query: 'query: ', passage: 'passage: ' },
  { names: /^bge-m3/i, pooling: 'cls', query: '', passage: '' },
  { names: /^bge-.*-zh/i, pooling: 'cls', query: '为这个句子生成表示以用于检索相关文章：', passage: '' },
  { names: /^bge-|^mxbai-embed/i, pooling: 'cls', query: bgeQuestion, passage: '' },
  { names: /arctic-embed.*v2/i, pooling: 'cls', query: 'query: ', passage: '' },
  { names: /arctic-embed/i, pooling: 'cls', query: bgeQuestion, passage: '' },
  { names: /^gte-qwen/i, pooling: 'last', query: `${instruction} `, passage: '' },
  { names: /^gte-.*(v1\.5|modernbert|multilingual)/i, pooling: 'cls', query: '', passage: '' },
  {
    ...{ names: /^nomic-embed-text-v1\.5/i, pooling: 'mean', layerNorm: true },
    ...{ query: 'search_query: ', passage: 'search_document: ' },
  },
  {
    names: /^nomic-embed|^modernbert-embed/i,
    pooling: 'mean',
    query: 'search_query: ',
    passage: 'search_document: ',
  },
  {
    names: /^jina-embeddings-v3/i,
    pooling: 'mean',
    query: 'Represent the query for retrieving evidence documents: ',
    passage: 'Represent the document for retrieval: ',
  },
  { names: /^qwen3-embedding/i, pooling: 'last', query: instruction, passage: '' },
  { names: /^granite-embedding/i, pooling: 'cls', query: '', passage: '' },
];

const otherFamily: Omit<Family, 'names'> = { pooling: 'mean', query: '', passage: '' };

/** Families whose architecture is theirs alone, by `model_type`, for folders with other names. */
const architectures: Readonly<Record<string, string>> = {
  nomic_bert: 'nomic-embed-text-v1.5',
  qwen3: 'qwen3-embedding',
};

const familyOf = (name: string): Family | undefined => families.find(({ names }) => names.test(name));

const usageOf = ({ pooling, layerNorm, query, passage }: Omit<Family, 'names'>): ModelUsage => ({
  pooling,
  ...(layerNorm && { layerNorm }),
  prefixes: { query, passage },
});

/** By the last part of a hub id. */
export const usageByName = (name: string): ModelUsage => usageOf(familyOf(name) ?? otherFamily);

function objectIn(folder: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const poolings: readonly (readonly [string, Pooling])[] = [
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_lasttoken', 'last'],
  ['pooling_mode_mean_tokens', 'mean'],
];

/** What the prompts of Sentence Transformers say, which writes empty ones where a model has none. */
function promptsIn(folder: string): ModelUsage['prefixes'] | undefined {
  const { prompts } = objectIn(folder, 'config_sentence_transformers.json');
  if (typeof prompts !== 'object' || prompts === null) return undefined;
  const named = prompts as Readonly<Record<string, unknown>>;
  const text = (...names: readonly string[]): string =>
    names.map((name) => named[name]).find((prompt): prompt is string => typeof prompt === 'string') ?? '';
  const [query, passage] = [text('query'), text('document', 'passage')];
  return query === '' && passage === '' ? undefined : { query, passage };
}

/** By the files that lie with a model, which know better than its name. */
export function usageInFolder(folder: string, name: string): ModelUsage {
  const { model_type: type } = objectIn(folder, 'config.json');
  const byType = typeof type === 'string' ? architectures[type] : undefined;
  const usage = usageOf(familyOf(name) ?? familyOf(byType ?? '') ?? otherFamily);
  const modes = objectIn(folder, join('1_Pooling', 'config.json'));
  const pooling = poolings.find(([mode]) => modes[mode] === true)?.[1] ?? usage.pooling;
  return { ...usage, pooling, prefixes: promptsIn(folder) ?? usage.prefixes };
}
