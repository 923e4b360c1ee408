import { expect, test } from 'vitest';
import { resolveModel } from '../../src/embeddings/models.ts';

const resolve = (model: string) => resolveModel({ model, cacheDirectory: '/cache', timeoutMs: 1_000 });

test.each([
  ['Xenova/bge-small-en-v1.5', 'cls', 'Represent this sentence for searching relevant passages: ', ''],
  ['intfloat/e5-small-v2', 'mean', 'query: ', 'passage: '],
  ['Xenova/multilingual-e5-small', 'mean', 'query: ', 'passage: '],
  ['Xenova/gte-small', 'mean', '', ''],
  ['onnx-community/gte-modernbert-base', 'cls', '', ''],
  ['Xenova/all-MiniLM-L6-v2', 'mean', '', ''],
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
