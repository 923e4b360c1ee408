// What a catalog on MongoDB does where several nodes share it, and where it is interrupted.
import { MongoClient } from 'mongodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Backend } from '../../../src/stores/backend.ts';
import { withPassagesIn } from '../../../src/stores/index/passages-elsewhere.ts';
import type { Catalog, NewDocument, TrackedPath } from '../../../src/stores/index/types.ts';
import type { MongoLibraryPorts } from '../../../src/stores/mongodb/catalog/ports.ts';
import { testCall } from '../../support/call.ts';
import { embeddedPorts } from '../../support/embedded-ports.ts';
import { mongoPortsServer } from '../../support/mongo-ports.ts';
import { isInstalled, skipReason } from '../../support/mongo-servers.ts';
import { byWords, documentOf, documentsOf } from '../ports.ts';

const server = mongoPortsServer('mongo-java-server');

const two = (): readonly [MongoLibraryPorts, MongoLibraryPorts] => {
  const [one, other] = server.openNodes(2);
  if (!one || !other) throw new Error('there are two');
  return [one, other];
};

const textOf = async (catalog: Catalog, id: string): Promise<string | undefined> =>
  (await catalog.read(id, 1, Number.MAX_SAFE_INTEGER, testCall()))?.text;

/** A text of several parts, all of whose lines say who wrote it. */
const longText = (writer: string): string[] => Array.from({ length: 40_000 }, (_, i) => `${writer} ${i}`);

const fileOf = (path: string, text: string): NewDocument =>
  documentOf(`docs/${path}`, [text], { origin: { source: 'docs', path, modified: 5, size: 1 } });

/** What lies in the database, whoever reads it. */
async function stored(database: string) {
  const client = new MongoClient(server.url());
  onTestFinished(() => client.close());
  const db = client.db(database);
  return {
    db,
    versionsOfTexts: async (): Promise<unknown[]> => db.collection('library_texts').distinct('version'),
    versionsOfDocuments: async (): Promise<unknown[]> =>
      db.collection('library_documents').distinct('version'),
    /** As if all that is under way had been begun two hours ago. */
    async age(): Promise<void> {
      await db
        .collection('library_writes')
        .updateMany({}, { $set: { at: new Date(Date.now() - 7_200_000) } });
    },
    underWay: (): Promise<number> => db.collection('library_writes').countDocuments(),
  };
}

/** A node whose process ends, for what it still sends, behind a number of requests to the server. */
function endingNode(database: string) {
  let left = Number.POSITIVE_INFINITY;
  let used = 0;
  const policy: Backend['use'] = async (call, work) => {
    if (left <= 0) throw new Error('the process has ended');
    left--;
    used++;
    return work(call);
  };
  const [ports] = server.openNodes(1, { database, policy });
  if (!ports) throw new Error('there is one');
  return {
    catalog: ports.catalog,
    endBehind(requests: number): void {
      [left, used] = [requests, 0];
    },
    requests: (): number => used,
  };
}

describe.skipIf(!isInstalled('mongo-java-server'))(
  `a catalog that nodes share${skipReason('mongo-java-server')}`,
  () => {
    test('shows at each node what another has written', async () => {
      const [one, other] = two();
      await one.catalog.source('/srv/docs', 'docs', testCall());
      await one.catalog.upsert([fileOf('a.md', 'alpha')], testCall());
      await one.positions.save('docs', 'p', testCall());
      expect(await textOf(other.catalog, 'docs/a.md')).toBe('alpha');
      expect(await other.catalog.formats(testCall())).toEqual({ test: 1 });
      expect(await other.positions.read('docs', testCall())).toBe('p');
      await one.catalog.remove(['docs/a.md'], testCall());
      expect(await other.catalog.formats(testCall())).toEqual({});
    });

    test('agrees on the name of a source that several nodes ask for at once', async () => {
      const nodes = server.openNodes(4);
      const roots = ['/a/docs', '/b/docs', '/c/docs'];
      const named = await Promise.all(
        nodes.flatMap(({ catalog }) => roots.map((root) => catalog.source(root, 'docs', testCall()))),
      );
      const byRoot = new Set(named.map(({ root, name }) => `${root} ${name}`));
      expect(byRoot.size).toBe(3);
      expect(new Set(named.map(({ name }) => name))).toEqual(new Set(['docs', 'docs-2', 'docs-3']));
    });

    test('loses no tracked path that several nodes add at once, and tells each that there are others', async () => {
      const nodes = server.openNodes(4);
      const known = await Promise.all(nodes.map(({ catalog }) => catalog.trackedPaths(testCall())));
      const place = (path: string): TrackedPath => ({ path, kind: 'folder' });
      await Promise.all(
        nodes.map(({ catalog }, i) => catalog.trackPaths([place(`/srv/${i}`), place('/all')], testCall())),
      );
      for (const [i, { catalog }] of nodes.entries()) {
        expect(await catalog.hasOtherTrackedPaths(known[i] ?? [], testCall())).toBe(true);
        const now = await catalog.trackedPaths(testCall());
        expect(now.map(({ path }) => path)).toEqual(['/all', '/srv/0', '/srv/1', '/srv/2', '/srv/3']);
        expect(await catalog.hasOtherTrackedPaths(now, testCall())).toBe(false);
        // A new source changes nothing of them.
        await catalog.source(`/srv/${i}`, 'docs', testCall());
        expect(await catalog.hasOtherTrackedPaths(now, testCall())).toBe(false);
      }
    });

    test('gives the right to make vectors to one node', async () => {
      const nodes = server.openNodes(5);
      const claims = await Promise.all(nodes.map(({ lease }, i) => lease.claim(`node ${i}`, testCall())));
      expect(claims.filter(Boolean)).toHaveLength(1);
    });

    test('keeps one whole text of a document that nodes write at once, and nothing of the others', async () => {
      const database = 'at-once';
      const nodes = server.openNodes(3, { database });
      const writers = ['one', 'two', 'three'];
      for (let round = 0; round < 3; round++) {
        const all = nodes.map(({ catalog }, i) =>
          catalog.upsert(
            [documentOf('a', longText(writers[i] ?? '')), documentOf('b', [`${i}`])],
            testCall(),
          ),
        );
        // Who reads meanwhile sees one of them.
        const reading = (async () => {
          for (let i = 0; i < 5; i++) {
            const seen = (await textOf(nodes[0]?.catalog as Catalog, 'a'))?.split(/[ \n\d]+/) ?? [''];
            expect(new Set(seen.filter((word) => word !== '')).size).toBeLessThanOrEqual(1);
          }
        })();
        await Promise.all([...all, reading]);
      }
      const text = await textOf(nodes[0]?.catalog as Catalog, 'a');
      expect(writers.map((writer) => longText(writer).join('\n'))).toContain(text);
      const { versionsOfTexts, versionsOfDocuments, underWay } = await stored(database);
      expect((await versionsOfTexts()).sort()).toEqual((await versionsOfDocuments()).sort());
      expect(await underWay()).toBe(0);
    });

    test('takes no documents of a source that another node has removed', async () => {
      const [one, other] = two();
      await one.catalog.source('/srv/docs', 'docs', testCall());
      await other.catalog.removeSource('docs', testCall());
      await expect(one.catalog.upsert([fileOf('a.md', 'alpha')], testCall())).rejects.toMatchObject({
        code: 'conflict',
      });
    });

    test('keeps what another machine has seen of a folder, and takes it for none of its own', async () => {
      const database = 'machines';
      const [node] = server.openNodes(1, { database });
      const place: TrackedPath = { path: '/srv/docs', kind: 'folder', seen: { identity: '1:2' } };
      await node?.catalog.trackPaths([place], testCall());
      const { db } = await stored(database);
      const state = db.collection<{ _id: string; places: string[] }>('library_state');
      const [kept = ''] = (await state.findOne({ _id: 'registry' }))?.places ?? [];
      await state.updateOne(
        { _id: 'registry' },
        { $set: { places: [kept.replace(/1:2 on [^"]*/, '1:2 on elsewhere')] } },
      );
      const [found] = (await node?.catalog.trackedPaths(testCall())) ?? [];
      expect(found?.seen?.identity).toBe('1:2 on elsewhere');
    });

    test('ends with the passages of the document, whichever of the nodes that write and remove it comes last', async () => {
      const { retriever } = await embeddedPorts.retriever();
      const slowly =
        <Args extends readonly unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
        async (...args: Args): Promise<Result> => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
          return write(...args);
        };
      const passages = { ...retriever, upsert: slowly(retriever.upsert), remove: slowly(retriever.remove) };
      const nodes = server.openNodes(3).map(({ catalog }) => withPassagesIn(passages, 'p', catalog));
      for (let round = 0; round < 5; round++) {
        const words = nodes.map((_, i) => `word${round}x${i}`);
        await Promise.all(
          nodes.map(async (catalog, i) => {
            await catalog.upsert([documentOf('a', [words[i] ?? ''])], testCall());
            if (i === 0) await catalog.remove(['a'], testCall());
          }),
        );
        const text = await textOf(nodes[0] as Catalog, 'a');
        for (const word of words) {
          const candidates = await byWords(retriever, word);
          const documents = await documentsOf(
            retriever,
            candidates.map(({ chunk }) => chunk),
          );
          expect(documents).toEqual(word === text ? ['a'] : []);
        }
        expect(await nodes[0]?.unfinished(testCall())).toEqual([]);
        const formats = Object.keys((await nodes[0]?.formats(testCall())) ?? {});
        expect(formats).toEqual(text === undefined ? [] : ['test']);
      }
    });
  },
);

describe.skipIf(!isInstalled('mongo-java-server'))(
  `a write to a catalog on MongoDB that is interrupted anywhere${skipReason('mongo-java-server')}`,
  () => {
    test('leaves the document as it was or as it is to be, is completed when it is repeated, and leaves nothing behind', async () => {
      const database = 'interrupted-upsert';
      const [node] = server.openNodes(1, { database });
      const catalog = node?.catalog as Catalog;
      const ending = endingNode(database);
      const { versionsOfTexts, versionsOfDocuments, underWay, age } = await stored(database);
      const [old, next] = [longText('old'), longText('new')];
      let isNew = false;
      for (let requests = 1; !isNew || requests < 10; requests++) {
        await catalog.upsert([documentOf('a', old), documentOf('b', ['b'])], testCall());
        ending.endBehind(requests);
        const ended = await ending.catalog
          .upsert([documentOf('a', next), documentOf('b', ['c'])], testCall())
          .then(
            () => false,
            () => true,
          );
        isNew = !ended;
        expect([old.join('\n'), next.join('\n')]).toContain(await textOf(catalog, 'a'));
        await catalog.upsert([documentOf('a', next)], testCall());
        expect(await textOf(catalog, 'a')).toBe(next.join('\n'));
      }
      await age();
      // A node that has not looked yet.
      const [later] = server.openNodes(1, { database });
      await later?.catalog.upsert([documentOf('c', ['c'])], testCall());
      expect((await versionsOfTexts()).sort()).toEqual((await versionsOfDocuments()).sort());
      expect(await underWay()).toBe(0);
    });

    test('a write shows in the formats of another node, once that asks for what is unfinished', async () => {
      const database = 'formats';
      const [other] = server.openNodes(1, { database });
      if (!other) throw new Error('there is one');
      const ending = endingNode(database);
      let isDone = false;
      for (let requests = 1; !isDone; requests++) {
        const id = `document ${requests}`;
        // What is known from before.
        await other.catalog.formats(testCall());
        ending.endBehind(requests);
        isDone = await ending.catalog.upsert([documentOf(id, ['text'])], testCall()).then(
          () => true,
          () => false,
        );
        const isThere = (await other.catalog.formatsOf([id], testCall())).size === 1;
        await other.catalog.unfinished(testCall());
        expect(await other.catalog.formats(testCall()), `${requests}`).toEqual(isThere ? { test: 1 } : {});
        await other.catalog.remove([id], testCall());
      }
    });

    test.each<[string, (catalog: Catalog) => Promise<unknown>]>([
      ['removal', (catalog) => catalog.remove(['docs/a.md', 'docs/b.md'], testCall())],
      ['removal of a source', (catalog) => catalog.removeSource('docs', testCall())],
    ])('a %s is completed when it is repeated', async (what, remove) => {
      const database = `interrupted-${what.replaceAll(' ', '-')}`;
      const [node] = server.openNodes(1, { database });
      const catalog = node?.catalog as Catalog;
      const ending = endingNode(database);
      const { versionsOfTexts, underWay, age } = await stored(database);
      const isSource = what.includes('source');
      let isDone = false;
      for (let requests = 1; !isDone; requests++) {
        await catalog.source('/srv/docs', 'docs', testCall());
        await catalog.trackPaths([{ path: '/srv/docs', kind: 'folder' }], testCall());
        await catalog.upsert([fileOf('a.md', 'alpha'), fileOf('b.md', 'beta')], testCall());
        ending.endBehind(requests);
        isDone = await remove(ending.catalog).then(
          () => true,
          () => false,
        );
        // Nobody sees half of a document.
        for (const [id, text] of [
          ['docs/a.md', 'alpha'],
          ['docs/b.md', 'beta'],
        ] as const) {
          expect([text, undefined]).toContain(await textOf(catalog, id));
        }
        await remove(catalog);
        expect((await catalog.list({ limit: 10 }, testCall())).total).toBe(0);
        const [sources, tracked] = [
          await catalog.sources(testCall()),
          await catalog.trackedPaths(testCall()),
        ];
        expect([sources.length, tracked.length]).toEqual(isSource ? [0, 0] : [1, 1]);
      }
      await age();
      const [later] = server.openNodes(1, { database });
      await later?.catalog.upsert([documentOf('c', [])], testCall());
      expect(await versionsOfTexts()).toEqual([]);
      expect(await underWay()).toBe(0);
    });
  },
);
