// What a move refuses to begin with, so that nothing is taken for whole that is not.
import { expect, onTestFinished, test } from 'vitest';
import { type Moved, move } from '../../src/move/move.ts';
import type { LibrarySide } from '../../src/move/sides.ts';
import { ownerName } from '../../src/process-identity.ts';
import {
  createEmbeddedCatalog,
  createEmbeddedLibraryArchive,
  createEmbeddedLibraryPorts,
} from '../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { documentOf } from '../stores/ports.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';

const call = testCall({ deadline: Number.POSITIVE_INFINITY });
const names = { from: 'the first', to: 'the second' };

/** A library, and a catalog in the same file that keeps its passages elsewhere. */
async function opened() {
  const file = createEmbeddedStore(await temporaryDirectory(), 1);
  onTestFinished(() => file.close());
  const side: LibrarySide = {
    ...createEmbeddedLibraryPorts(file),
    archive: createEmbeddedLibraryArchive(file),
  };
  return { side, documentsAlone: createEmbeddedCatalog(file) };
}

async function moved(from: LibrarySide, to: LibrarySide): Promise<Moved | undefined> {
  let report: Moved | undefined;
  const take = (done: Moved): void => {
    report = done;
  };
  await move({ library: { from, to, names } }, { merge: false }, take, call);
  return report;
}

test('while another process makes vectors on either side, nothing is moved', async () => {
  const [{ side: first }, { side: second }] = [await opened(), await opened()];
  await first.catalog.upsert([documentOf('inline/a', ['x'])], call);
  const owner = ownerName();
  await second.lease.claim(owner, call);
  await expect(moved(first, second)).rejects.toThrow(/making vectors in the second. Stop all servers/);
  expect(await second.catalog.list({ limit: 1 }, call)).toMatchObject({ total: 0 });
  await second.lease.release(owner, call);
  expect(await moved(first, second)).toMatchObject({ library: { differences: [] } });
  // It is free again.
  expect(await first.lease.claim(owner, call)).toBe(true);
});

test('a document whose passages are somewhere else is refused by its name', async () => {
  const [{ side: first, documentsAlone }, { side: second }] = [await opened(), await opened()];
  await documentsAlone.upsert([documentOf('inline/a', ['x', 'y'])], call);
  await expect(moved(first, second)).rejects.toThrow(/"inline\/a" has 0 of its 2 passages in the first/);
});

test('a difference is an error that names it, behind the report of both sides', async () => {
  const [{ side: first }, { side: second }] = [await opened(), await opened()];
  await first.catalog.upsert([documentOf('inline/a', ['x']), documentOf('inline/b', ['y'])], call);
  // As if somebody removed one meanwhile.
  const archive: LibrarySide['archive'] = {
    ...second.archive,
    settle: async (bounded) => {
      await second.archive.settle(bounded);
      await second.catalog.remove(['inline/b'], bounded);
    },
  };
  let report: Moved | undefined;
  const take = (done: Moved): void => {
    report = done;
  };
  const way = { from: first, to: { ...second, archive }, names };
  const moving = move({ library: way }, { merge: false }, take, call);
  await expect(moving).rejects.toThrow(/do not have the same: document "inline\/b" differ/);
  const documents = report?.library?.compared.find(({ what }) => what === 'documents');
  expect(documents).toMatchObject({ from: { count: 2 }, to: { count: 1 } });
});
