import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveModel } from '../../src/embeddings/models.ts';
import { temporaryDirectory } from '../support/call.ts';

const resolve = (model: string) => resolveModel({ model, cacheDirectory: '/cache', timeoutMs: 1_000 });

test.each([
  ['Xenova/bge-small-en-v1.5', 'cls', 'Represent this sentence for searching relevant passages: ', ''],
  ['intfloat/e5-small-v2', 'mean', 'query: ', 'passage: '],
  ['Xenova/multilingual-e5-small', 'mean', 'query: ', 'passage: '],
  ['Xenova/gte-small', 'mean', '', ''],
  ['onnx-community/gte-modernbert-base', 'cls', '', ''],
  ['Xenova/all-MiniLM-L6-v2', 'mean', '', ''],
  ['BAAI/bge-m3', 'cls', '', ''],
  ['Xenova/bge-small-zh-v1.5', 'cls', '为这个句子生成表示以用于检索相关文章：', ''],
  ['onnx-community/gte-multilingual-base', 'cls', '', ''],
  ['nomic-ai/nomic-embed-text-v1.5', 'mean', 'search_query: ', 'search_document: '],
  ['nomic-ai/nomic-embed-text-v2-moe', 'mean', 'search_query: ', 'search_document: '],
  [
    'Snowflake/snowflake-arctic-embed-s',
    'cls',
    'Represent this sentence for searching relevant passages: ',
    '',
  ],
  ['Snowflake/snowflake-arctic-embed-m-v2.0', 'cls', 'query: ', ''],
  ['Xenova/jina-embeddings-v2-base-de', 'mean', '', ''],
  [
    'jinaai/jina-embeddings-v3',
    'mean',
    'Represent the query for retrieving evidence documents: ',
    'Represent the document for retrieval: ',
  ],
  [
    'onnx-community/Qwen3-Embedding-0.6B-ONNX',
    'last',
    'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:',
    '',
  ],
  [
    'intfloat/multilingual-e5-large-instruct',
    'mean',
    'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ',
    '',
  ],
])('%s is used as its card says', (model, pooling, query, passage) => {
  expect(resolve(model)).toMatchObject({
    kind: 'model',
    request: { pooling, prefixes: { query, passage }, location: model, dtype: 'q8' },
  });
});

test('a hub id may carry a revision', () => {
  expect(resolve('a/b@v2')).toMatchObject({ name: 'a/b', request: { hub: { revision: 'v2' } } });
});

test('what is neither packaged, nor a folder, nor a hub id is refused without its path', () => {
  const found = resolve('/somewhere/private/model');

  expect(found).toMatchObject({ kind: 'missing', name: 'model' });
  expect(JSON.stringify(found)).not.toContain('private');
});

/** A folder with a model of these configurations, whose weights are never loaded. */
async function folderWith(name: string, configs: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = join(await temporaryDirectory(), name);
  const files = { 'config.json': {}, 'tokenizer.json': {}, 'tokenizer_config.json': {}, ...configs };
  for (const [file, content] of Object.entries({ ...files, 'onnx/model.onnx': '' })) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), JSON.stringify(content));
  }
  return folder;
}

test.each([
  [
    'by its name',
    'multilingual-e5-small',
    {},
    { pooling: 'mean', prefixes: { query: 'query: ', passage: 'passage: ' } },
  ],
  [
    'by its architecture',
    'ours',
    { 'config.json': { model_type: 'nomic_bert' } },
    { pooling: 'mean', layerNorm: true, prefixes: { query: 'search_query: ', passage: 'search_document: ' } },
  ],
  [
    'by its pooling, whatever its name',
    'e5-ours',
    { '1_Pooling/config.json': { pooling_mode_cls_token: true } },
    { pooling: 'cls' },
  ],
  [
    'by the last token',
    'ours',
    { '1_Pooling/config.json': { pooling_mode_cls_token: false, pooling_mode_lasttoken: true } },
    { pooling: 'last' },
  ],
  [
    'by its prompts, whatever its name',
    'e5-ours',
    { 'config_sentence_transformers.json': { prompts: { query: 'ask: ', document: 'text: ' } } },
    { prefixes: { query: 'ask: ', passage: 'text: ' } },
  ],
  [
    'by its name where its prompts are empty',
    'e5-ours',
    { 'config_sentence_transformers.json': { prompts: { query: '', document: '' } } },
    { prefixes: { query: 'query: ', passage: 'passage: ' } },
  ],
])('a model in a folder is used %s', async (_, name, configs, request) => {
  expect(resolve(await folderWith(name, configs))).toMatchObject({ kind: 'model', request });
});
