import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { encode } from '../../../../src/mql/index.ts';
import {
  type DocumentClient,
  documentOperations,
} from '../../../../src/stores/embedded/documents/operations.ts';
import { createClient } from '../../../../src/stores/embedded/engine/operations.ts';
import { createEmbeddedStore } from '../../../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../../../support/call.ts';

const closing = vi.hoisted(() => ({ fails: false }));

// No thread of a store is known to fail at this: one that does must cost one call, not all that follow.
vi.mock(import('../../../../src/stores/embedded/engine/lane.ts'), async (original) => {
  const { createLane } = await original();
  return {
    createLane(...args: Parameters<typeof createLane>) {
      const lane = createLane(...args);
      return { ...lane, pause: () => (closing.fails ? Promise.reject(new Error('open')) : lane.pause()) };
    },
  };
});

const things = { database: 'main', collection: 'things' };

/** A store with so many documents. */
async function filled(
  count: number,
): Promise<{ store: DocumentClient; path: string; close(): Promise<void> }> {
  const directory = await temporaryDirectory();
  const file = createEmbeddedStore(directory, 1);
  onTestFinished(() => file.close());
  const store = createClient(file, documentOperations);
  for (let n = 0; n < count; n++) {
    const documents = encode({ _id: n });
    await store.put({ ...things, documents, drop: false }, testCall());
  }
  return { store, path: join(directory, 'hydrogen.sqlite'), close: () => file.close() };
}

test.skipIf(process.platform === 'win32')(
  'a store that could not be closed when its file was replaced is opened again by the next call',
  async () => {
    const { store, path } = await filled(1);
    const backup = await filled(2);
    await backup.close();
    renameSync(backup.path, path);
    const count = () => store.count(encode({ ...things, filter: {} }), testCall());

    closing.fails = true;
    await expect(count()).rejects.toThrow('open');
    closing.fails = false;

    expect(await count()).toBe(2);
  },
);
