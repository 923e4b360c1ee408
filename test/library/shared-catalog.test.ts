// Libraries of several machines that share a catalog on MongoDB, of which each reads files of its own disks.
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MongoClient } from 'mongodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Library } from '../../src/library/types.ts';
import { withPassagesIn } from '../../src/stores/index/passages-elsewhere.ts';
import { testCall } from '../support/call.ts';
import { embeddedPorts } from '../support/embedded-ports.ts';
import { mongoPortsServer } from '../support/mongo-ports.ts';
import { isInstalled, skipReason } from '../support/mongo-servers.ts';
import { folderOf, wordsOnly, writeFiles } from './support.ts';

const server = mongoPortsServer('mongo-java-server');

/** Libraries with one catalog and one retriever. */
async function nodes(database: string): Promise<readonly [Library, Library]> {
  const { retriever, backfill } = await embeddedPorts.retriever();
  const [one, other] = server.openNodes(2, { database });
  if (!one || !other) throw new Error('there are two');
  const open = ({ catalog }: typeof one): Promise<Library> =>
    wordsOnly({
      ports: { catalog: withPassagesIn(retriever, 'one store', catalog), retriever, backfill },
    });
  return Promise.all([open(one), open(other)]);
}

/** As if what is there had been seen on another machine. */
async function seenElsewhere(database: string): Promise<void> {
  const client = new MongoClient(server.url());
  onTestFinished(() => client.close());
  const state = client.db(database).collection<{ _id: string; places: string[] }>('library_state');
  const { places = [] } = (await state.findOne({ _id: 'registry' })) ?? {};
  const elsewhere = places.map((place) => place.replace(/ on [^"]+"/, ' on elsewhere"'));
  expect(elsewhere).not.toEqual(places);
  await state.updateOne({ _id: 'registry' }, { $set: { places: elsewhere } });
}

const ids = async (library: Library): Promise<string[]> =>
  (await library.list({ limit: 10 }, testCall())).documents.map(({ id }) => id);

async function found(library: Library, query: string): Promise<string[]> {
  const { hits } = await library.search({ query, mode: 'keyword', limit: 5 }, testCall());
  return hits.map(({ document }) => document);
}

describe.skipIf(!isInstalled('mongo-java-server'))(
  `libraries that share a catalog on MongoDB${skipReason('mongo-java-server')}`,
  () => {
    test('answer alike, whichever has read a file, and bring each other up to date', async () => {
      const [one, other] = await nodes('alike');
      const folder = await folderOf({ 'a.md': 'An apple.', 'b.md': 'A banana.' });
      await one.ingest([folder], testCall());
      await other.add({ name: 'note', text: 'A cherry.', type: 'text', metadata: {} }, testCall());
      expect(await found(one, 'cherry')).toEqual(['inline/note']);
      await writeFiles(folder, { 'a.md': 'An apricot.' });
      await rm(join(folder, 'b.md'));

      expect(await other.refresh(testCall())).toMatchObject({ changed: 1, removed: 1 });

      expect(await one.refresh(testCall())).toMatchObject({ changed: 0, unchanged: 1, removed: 0 });
      expect([await found(one, 'apricot'), await ids(one)]).toEqual([
        ['docs/a.md'],
        ['docs/a.md', 'inline/note'],
      ]);
    });

    test('keep the documents of a folder that only one of the machines has', async () => {
      const [one, other] = await nodes('lacking');
      const folder = await folderOf({ 'a.md': 'An apple.' });
      await one.ingest([folder], testCall());
      await seenElsewhere('lacking');
      const away = join(dirname(folder), 'away');
      await rename(folder, away);

      const report = await other.refresh(testCall());

      expect(report.removed).toBe(0);
      expect(report.notes.join()).toContain('docs/');
      expect(await found(other, 'apple')).toEqual(['docs/a.md']);
      await rename(away, folder);
      expect(await one.refresh(testCall())).toMatchObject({ removed: 0, unchanged: 1 });
      expect((await one.absences(testCall())).length).toBe(0);
    });

    test('keep the document of a file that only one of the machines has in this folder', async () => {
      const [one, other] = await nodes('lacking-file');
      const folder = await folderOf({ 'a.md': 'An apple.', 'b.md': 'A banana.' });
      await one.ingest([join(folder, 'a.md')], testCall());
      await seenElsewhere('lacking-file');
      await rm(join(folder, 'a.md'));

      expect(await other.refresh(testCall())).toMatchObject({ removed: 0 });

      expect(await ids(other)).toEqual(['docs/a.md']);
    });

    test('keep the documents of a folder in whose place another machine has one with other files', async () => {
      const [one, other] = await nodes('other-files');
      const folder = await folderOf({ 'a.md': 'An apple.' });
      await one.ingest([folder], testCall());
      await seenElsewhere('other-files');
      await rm(join(folder, 'a.md'));
      await writeFiles(folder, { 'b.md': 'A banana.' });

      expect(await other.refresh(testCall())).toMatchObject({ removed: 0 });

      expect(await ids(other)).toEqual(['docs/a.md']);
    });

    test('find nothing of a source that one of them has removed', async () => {
      const [one, other] = await nodes('removed');
      const folder = await folderOf({ 'a.md': 'An apple.' });
      await one.ingest([folder], testCall());
      await other.removeSource('docs', testCall());
      expect([await ids(one), await found(one, 'apple'), await one.places(testCall())]).toEqual([[], [], []]);
    });
  },
);
