import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { type ChosenStores, storesOf } from '../../src/config/stores.ts';
import { describeSettings } from '../../src/config.ts';
import { root } from '../support/process.ts';

const load = (overrides: Readonly<Record<string, string>>): ChosenStores =>
  storesOf(
    loadConfig({ environment: {}, overrides, workingDirectory: '/nowhere', dataDirectory: '/nowhere/data' })
      .config,
  );

const urls = {
  mongodbUrl: 'mongodb://db.example.com',
  qdrantUrl: 'http://qdrant.example.com:6333',
  redisUrl: 'redis://redis.example.com',
  natsUrl: 'nats://nats.example.com',
};

test('without a server everything is embedded', () => {
  expect(load({})).toEqual({
    catalog: 'embedded',
    index: 'embedded',
    journal: 'embedded',
    cache: 'memory',
    events: 'memory',
  });
});

test('a server that is named is used for what only it can do; MongoDB holds data, and the rest where it is told to', () => {
  expect(load(urls)).toEqual({
    catalog: 'embedded',
    index: 'qdrant',
    journal: 'embedded',
    cache: 'redis',
    events: 'nats',
  });
});

test('a node that shares everything', () => {
  expect(load({ ...urls, catalogStore: 'mongodb', journalStore: 'mongodb' })).toMatchObject({
    catalog: 'mongodb',
    journal: 'mongodb',
  });
});

test('a server that is named need not be used', () => {
  expect(
    load({ ...urls, indexStore: 'embedded', cacheStore: 'memory', eventsStore: 'memory' }),
  ).toMatchObject({
    index: 'embedded',
    cache: 'memory',
    events: 'memory',
  });
});

test.each([
  ['catalogStore', 'mongodb', 'mongodbUrl'],
  ['indexStore', 'qdrant', 'qdrantUrl'],
  ['journalStore', 'mongodb', 'mongodbUrl'],
  ['cacheStore', 'redis', 'redisUrl'],
  ['eventsStore', 'nats', 'natsUrl'],
])('%s "%s" needs %s, and says so', (setting, value, url) => {
  expect(() => load({ [setting]: value })).toThrow(
    `Setting "${setting}" is "${value}", but no setting says where that server is: set ${url}.`,
  );
});

test('a shared catalog with passages of this node alone is refused with the reason', () => {
  expect(() => load({ mongodbUrl: urls.mongodbUrl, catalogStore: 'mongodb' })).toThrow(
    'passages in an embedded index are found by this node alone',
  );
});

test('the database of a connection is not that of the server itself, whichever names it', () => {
  const stored = { journalStore: 'mongodb' };
  const refusal = 'is also where this server keeps its own data: set storeDatabase';
  expect(() => load({ ...stored, mongodbUrl: 'mongodb://db.example.com/hydrogen' })).toThrow(refusal);
  const other = JSON.stringify({ sales: { url: 'mongodb://b.example.com', database: 'hydrogen' } });
  expect(() => load({ ...stored, mongodbUrl: urls.mongodbUrl, connections: other })).toThrow(refusal);
  expect(load({ mongodbUrl: 'mongodb://db.example.com/hydrogen' })).toMatchObject({ journal: 'embedded' });
});

test('the node in docs/servers.md shares everything, and every setting that is named there exists', async () => {
  const guide = await readFile(join(root, 'docs/servers.md'), 'utf8');
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(guide) ?? [];
  expect(load({ ...urls, ...(JSON.parse(json) as Record<string, string>) })).toEqual({
    catalog: 'mongodb',
    index: 'qdrant',
    journal: 'mongodb',
    cache: 'redis',
    events: 'nats',
  });
  const known = describeSettings().map(({ name }) => String(name));
  const named = [...guide.matchAll(/`([a-z]+(?:Store|Url|Key|Collection|Database|Ms|Credentials))`/g)];
  expect(named.map(([, name = '']) => name).filter((name) => !known.includes(name))).toEqual([]);
});
