import { expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../../../src/stores/embedded/engine/operations.ts';
import { createStoreFile } from '../../../../src/stores/embedded/engine/store-file.ts';
import { temporaryDirectory, testCall } from '../../../support/call.ts';
import { migrations, noteOperations } from './notes.ts';

async function opened() {
  const file = createStoreFile({
    directory: await temporaryDirectory(),
    readers: 1,
    thread: new URL('./notes-thread.ts', import.meta.url),
    format: migrations.length,
  });
  onTestFinished(() => file.close());
  return { file, notes: createClient(file, noteOperations) };
}

test('a client has a method an operation, which takes the arguments of its handler and the call', async () => {
  const { notes } = await opened();
  expect(Object.keys(notes)).toEqual(Object.keys(noteOperations.lanes));

  expect(await notes.add('a', 'one', testCall())).toBeUndefined();
  expect(await notes.addBoth(['b', 'c'], testCall())).toBe(2);

  expect(await notes.all(testCall())).toEqual([
    { id: 'a', text: 'one' },
    { id: 'b', text: '' },
    { id: 'c', text: '' },
  ]);
});

test('an operation runs on the lane that it is declared for: one of a lane that reads cannot write', async () => {
  const { notes } = await opened();
  await expect(notes.addWhileReading('a', testCall())).rejects.toMatchObject({ code: 'unavailable' });
  expect(await notes.all(testCall())).toEqual([]);
});

test('an operation that writes is one transaction', async () => {
  const { notes } = await opened();
  await expect(notes.addBoth(['a', 'a'], testCall())).rejects.toThrow();
  expect(await notes.all(testCall())).toEqual([]);
});

test('every file tells its size and format, whatever is in it', async () => {
  const { file } = await opened();
  expect(await file.statistics(testCall())).toMatchObject({ format: 1, freeBytes: 0 });
});
