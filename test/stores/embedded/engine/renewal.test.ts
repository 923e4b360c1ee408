import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createClient } from '../../../../src/stores/embedded/engine/operations.ts';
import { createStoreFile } from '../../../../src/stores/embedded/engine/store-file.ts';
import { temporaryDirectory, testCall } from '../../../support/call.ts';
import { posix } from '../../../support/platform.ts';
import { migrations, noteOperations } from './notes.ts';

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

/** A store file with so many notes. */
async function filled(count: number) {
  const directory = await temporaryDirectory();
  const thread = new URL('./notes-thread.ts', import.meta.url);
  const file = createStoreFile({ directory, readers: 1, thread, format: migrations.length });
  onTestFinished(() => file.close());
  const notes = createClient(file, noteOperations);
  for (let n = 0; n < count; n++) await notes.add(String(n), '', testCall());
  return { file, path: join(directory, 'hydrogen.sqlite'), notes };
}

test.runIf(posix('open files that can be replaced'))(
  'a store that could not be closed when its file was replaced is opened again by the next call',
  async () => {
    const { notes, path } = await filled(1);
    const backup = await filled(2);
    await backup.file.close();
    renameSync(backup.path, path);
    const count = async () => (await notes.all(testCall())).length;

    closing.fails = true;
    await expect(count()).rejects.toThrow('open');
    closing.fails = false;

    expect(await count()).toBe(2);
  },
);
