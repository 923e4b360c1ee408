import { expect, test } from 'vitest';
import { createLooks, type Sight } from '../../../src/library/sync/files/looks.ts';
import { createLook } from '../../../src/library/sync/files/watched-places.ts';

// A disk that is away does not answer. Each look holds one of four threads until it does.

interface Disk {
  readonly look: (path: string) => Promise<Sight>;
  /** The looks that were begun. */
  readonly begun: string[];
  answer(path: string, sight?: Sight): void;
}

function silentDisk(): Disk {
  const waiting = new Map<string, (sight: Sight) => void>();
  const begun: string[] = [];
  return {
    begun,
    look(path) {
      begun.push(path);
      return new Promise((resolve) => waiting.set(path, resolve));
    },
    answer: (path, sight = { code: 'ENOENT' }) => waiting.get(path)?.(sight),
  };
}

test('while a look at a path does not come back, no other is begun', async () => {
  const disk = silentDisk();
  const lookAt = createLooks(disk.look);
  expect(await lookAt('/away', 1)).toBe('late');
  expect(await lookAt('/away', 1)).toBe('late');
  expect(disk.begun).toEqual(['/away']);

  disk.answer('/away');
  await expect.poll(() => disk.begun.length).toBe(1);
  const again = lookAt('/away', 60_000);
  disk.answer('/away', { code: 'EIO' });
  expect(await again).toEqual({ code: 'EIO' });
  expect(disk.begun).toEqual(['/away', '/away']);
});

test('a disk with many paths holds two threads, and of the other paths nothing is said', async () => {
  const disk = silentDisk();
  const lookAt = createLooks(disk.look);
  const paths = ['/away/a', '/away/b', '/away/c', '/away/d'];
  expect(await Promise.all(paths.map((path) => lookAt(path, 1)))).toEqual([
    'late',
    'late',
    'unlooked',
    'unlooked',
  ]);
  expect(disk.begun).toEqual(['/away/a', '/away/b']);

  const third = lookAt('/away/c', 60_000);
  disk.answer('/away/a');
  await expect.poll(() => disk.begun).toEqual(['/away/a', '/away/b', '/away/c']);
  disk.answer('/away/c');
  expect(await third).toEqual({ code: 'ENOENT' });
});

test('a watched path that does not answer is left as it was, at first neither present nor missing', async () => {
  let sight: Sight | 'late' = 'late';
  const look = createLook(async () => sight);
  const nothing = { present: [], renewed: [], missing: [] };
  expect(await look(['/docs'], [])).toEqual(nothing);

  sight = { code: 'ENOENT' };
  expect(await look(['/docs'], [])).toEqual({ ...nothing, missing: ['/docs'] });

  sight = 'late';
  expect(await look(['/docs'], [])).toEqual(nothing);
});
