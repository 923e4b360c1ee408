import { expect, onTestFinished, test } from 'vitest';
import { settings } from '../../../src/config.ts';
import { createLog } from '../../../src/observability/log.ts';
import type { DocumentStore } from '../../../src/stores/documents/document-store.ts';
import { lazyMongoDocuments } from '../../../src/stores/documents/mongodb/lazy.ts';
import { openConnections } from '../../../src/stores/documents/open-connections.ts';

function databaseOf(mongodbUrl: string): string | undefined {
  const embedded = {} as DocumentStore;
  const config = settings.parse({ mongodbUrl });
  const connections = openConnections(config, embedded, lazyMongoDocuments, createLog('silent'));
  onTestFinished(() => connections.close());
  return connections.get('mongodb').database;
}

test.each<[string, string | undefined]>([
  ['mongodb://host/shop', 'shop'],
  ['mongodb://host/', undefined],
  ['mongodb://host', undefined],
  ['mongodb://a:1,b:2/shop?replicaSet=r', 'shop'],
  ['mongodb+srv://jane:s%40crete@cluster.example.com/shop?retryWrites=true', 'shop'],
  ['mongodb://jane:a/b@host/shop', 'shop'],
  ['mongodb://host/shop?appName=me@home', 'shop'],
  ['mongodb://host/?authSource=a@b/c', undefined],
  ['mongodb://host/a%20b', 'a b'],
])('the database of %s is %s', (url, database) => {
  expect(databaseOf(url)).toBe(database);
});

test('a connection string that cannot be read does not keep the server from starting', () => {
  expect(databaseOf('mongodb://jane:s3cret@host/a%zz')).toBeUndefined();
});
