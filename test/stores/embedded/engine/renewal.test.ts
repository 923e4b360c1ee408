import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { encode } from '../../../../src/mql/index.ts';
import { createStoreFile, type StoreFile } from '../../../../src/stores/embedded/engine/store-file.ts';
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

/** A store file with so many documents. */
async function filled(count: number): Promise<{ file: StoreFile; path: string }> {
  const directory = await temporaryDirectory();
  const file = createStoreFile(directory, 1);
  onTestFinished(() => file.close());
  for (let n = 0; n < count; n++) {
    const documents = encode({ _id: n });
    await file.run('write', 'documents.put', { ...things, documents, drop: false }, testCall());
  }
  return { file, path: join(directory, 'hydrogen.sqlite') };
}

test.skipIf(process.platform === 'win32')(
  'a store that could not be closed when its file was replaced is opened again by the next call',
  async () => {
    const { file, path } = await filled(1);
    const backup = await filled(2);
    await backup.file.close();
    renameSync(backup.path, path);
    const count = () => file.run('read', 'documents.count', encode({ ...things, filter: {} }), testCall());

    closing.fails = true;
    await expect(count()).rejects.toThrow('open');
    closing.fails = false;

    expect(await count()).toBe(2);
  },
);
