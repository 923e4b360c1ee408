import { expect, test } from 'vitest';
import { loadedOnce } from '../src/loaded-once.ts';

/** Loads fail as often as that. */
function failing(times: number) {
  let loads = 0;
  const part = loadedOnce(async () => {
    loads++;
    if (loads <= times) throw new Error('too many open files');
    return `load ${loads}`;
  });
  return { part, loads: () => loads };
}

test('callers of the same time share one load', async () => {
  const { part, loads } = failing(0);
  expect(await Promise.all([part.get(), part.get()])).toEqual(['load 1', 'load 1']);
  expect(await part.get()).toBe('load 1');
  expect(loads()).toBe(1);
});

test('a load that failed is told to its callers, and the next caller loads again', async () => {
  const { part, loads } = failing(1);
  const both = await Promise.allSettled([part.get(), part.get()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(part.now).toBeUndefined();
  expect(await part.get()).toBe('load 2');
  expect(loads()).toBe(2);
  expect(part.now).toBe('load 2');
});

test('whoever closes it loads nothing, and waits for what is being loaded', async () => {
  const { part, loads } = failing(1);
  expect(await part.begun()).toBeUndefined();
  expect(loads()).toBe(0);
  const failed = part.get().catch(() => {});
  expect(await part.begun()).toBeUndefined();
  await failed;
  const loading = part.get();
  expect(await part.begun()).toBe('load 2');
  await loading;
});
