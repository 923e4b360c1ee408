// What every store of exports does, in the words of its callers.
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Call, Caller } from '../../../src/call.ts';
import type { HydrogenError } from '../../../src/errors.ts';
import type { Exports } from '../../../src/stores/documents/export/exports.ts';
import { testCall } from '../../support/call.ts';

/** How to open an empty store, as so many processes see it. */
interface ExportsFixture {
  readonly name: string;
  open(processes: number, maxTotalBytes?: number): Promise<readonly Exports[]>;
}

/** No write waits until what is old has been removed. */
const gone = (exports: Exports, id: string): Promise<void> =>
  expect
    .poll(() =>
      exports.read(id, testCall()).then(
        () => 'there',
        (error: HydrogenError) => error.code,
      ),
    )
    .toBe('not_found');

export function exportsContract({ name, open }: ExportsFixture): void {
  const one = async (maxTotalBytes?: number): Promise<Exports> => {
    const [exports] = await open(1, maxTotalBytes);
    if (!exports) throw new Error('not opened');
    return exports;
  };

  afterEach(() => {
    vi.useRealTimers();
  });

  describe(`exports (${name})`, () => {
    test('what is written is read back, with its type', async () => {
      const exports = await one();
      const { id, result } = await exports.write(
        'csv',
        async (sink) => {
          await sink('a,b\n');
          await sink('1,"ä€😀"\n');
          return 2;
        },
        testCall(),
      );
      expect(result).toBe(2);
      expect(await exports.read(id, testCall())).toEqual({ text: 'a,b\n1,"ä€😀"\n', mimeType: 'text/csv' });
    });

    test('another process reads it, too', async () => {
      const [first, second] = await open(2);
      const { id } = (await first?.write('jsonl', (sink) => sink('{}\n'), testCall())) ?? { id: '' };
      expect(await second?.read(id, testCall())).toEqual({ text: '{}\n', mimeType: 'application/jsonl' });
    });

    test('one of several MB, in many pieces, is whole', async () => {
      const exports = await one();
      const line = `${'é'.repeat(50_000)}\n`;
      const { id } = await exports.write(
        'jsonl',
        async (sink) => {
          for (let i = 0; i < 60; i++) await sink(line);
          await sink('x'.repeat(3 * 1024 * 1024));
        },
        testCall(),
      );
      const { text } = await exports.read(id, testCall());
      expect(text === line.repeat(60) + 'x'.repeat(3 * 1024 * 1024)).toBe(true);
    });

    test('an empty one is there', async () => {
      const exports = await one();
      const { id } = await exports.write('jsonl', async () => {}, testCall());
      expect((await exports.read(id, testCall())).text).toBe('');
    });

    test('one that failed is not there, and the failure is told', async () => {
      const exports = await one();
      const failing = exports.write(
        'jsonl',
        async (sink) => {
          await sink('x'.repeat(2 * 1024 * 1024));
          throw new Error('interrupted');
        },
        testCall(),
      );
      await expect(failing).rejects.toThrow('interrupted');
    });

    test('one of another caller, or of the same one with other rights, is not there, whoever knows its name', async () => {
      const exports = await one();
      const as = (caller: Partial<Caller>) =>
        testCall({ caller: { id: 'key:1', scopes: ['read'], roles: ['north'], ...caller } });
      const { id } = await exports.write('jsonl', (sink) => sink('1'), as({ claims: { a: '1', b: '2' } }));
      const read = (caller: Partial<Caller>) => exports.read(id, as(caller));
      expect(await read({ claims: { b: '2', a: '1' } })).toMatchObject({ text: '1' });
      for (const other of [{ id: 'key:2' }, { roles: ['south'] }, { claims: { a: '1' } }]) {
        const given = { claims: { a: '1', b: '2' }, ...other };
        await expect(read(given)).rejects.toMatchObject({ code: 'not_found' });
        expect(await exports.has(id, as(given))).toBe(false);
      }
      expect(await exports.has(id, as({ claims: { a: '1', b: '2' } }))).toBe(true);
    });

    test('ids are of 128 random bits, and what is not one is not found', async () => {
      const exports = await one();
      const { id } = await exports.write('jsonl', (sink) => sink('1'), testCall());
      expect(id).toMatch(/^[\w-]{54}\.jsonl$/);
      for (const other of ['', '../keys.json', `${id}/000000`, id.replace('jsonl', 'csv')]) {
        await expect(exports.read(other, testCall())).rejects.toMatchObject({ code: 'not_found' });
      }
    });

    test('it is a file for a person on this machine', async () => {
      const [first, second] = await open(2);
      const { id } = (await first?.write('jsonl', (sink) => sink('{"a":1}\n'), testCall())) ?? { id: '' };
      const path = (await second?.pathOf(id)) ?? '';
      expect(await readFile(path, 'utf8')).toBe('{"a":1}\n');
      expect(await second?.pathOf(id)).toBe(path);
    });

    test('one that is older than a day is gone', async () => {
      const exports = await one();
      const { id } = await exports.write('jsonl', (sink) => sink('1'), testCall());
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 60 * 60 * 1_000 });
      expect(await exports.has(id, testCall())).toBe(false);
      await expect(exports.read(id, testCall())).rejects.toThrow(/only recent exports are kept/);
      await exports.removeExpired();
      vi.useRealTimers();
      await expect(exports.read(id, testCall())).rejects.toMatchObject({ code: 'not_found' });
    });

    test('those of callers, whatever their rights were then, or from before a moment, are counted and erased', async () => {
      const [first, second] = await open(2);
      const by = (id: string, roles: string[] = []) => testCall({ caller: { id, scopes: ['read'], roles } });
      const write = async (call: Call): Promise<string> =>
        (await first?.write('jsonl', (sink) => sink('1'), call))?.id ?? '';
      const ids = [await write(by('key:1')), await write(by('key:1', ['north'])), await write(by('key:2'))];
      const isThere = (id: string, call: Call): Promise<boolean> =>
        first?.read(id, call).then(
          () => true,
          () => false,
        ) ?? Promise.resolve(false);
      expect(await second?.count({}, testCall())).toBe(3);
      expect(await second?.count({ callers: ['key:1', 'key:3'] }, testCall())).toBe(2);
      expect(await second?.count({ before: Date.now() - 60_000 }, testCall())).toBe(0);
      expect(await second?.erase({ callers: ['key:1'], before: Date.now() + 60_000 }, testCall())).toBe(2);
      expect(await isThere(ids[0] ?? '', by('key:1'))).toBe(false);
      expect(await isThere(ids[2] ?? '', by('key:2'))).toBe(true);
      expect(await second?.count({}, testCall())).toBe(1);
    });

    test('what a caller has is known to all processes, whatever its rights were; what others have is not its own', async () => {
      const [first, second] = (await open(2)) as [Exports, Exports];
      const as = (id: string, role: string) => testCall({ caller: { id, scopes: ['read'], roles: [role] } });
      const before = Date.now();
      expect(await first.held(as('key:1', 'north'))).toEqual({ bytes: 0 });
      await first.write('jsonl', (sink) => sink('x'.repeat(5_000)), as('key:1', 'north'));
      await second.write('jsonl', (sink) => sink('x'.repeat(6_000)), as('key:1', 'south'));
      await second.write('jsonl', (sink) => sink('x'.repeat(7_000)), as('key:2', 'north'));
      const { bytes, firstEndsAt = 0 } = await second.held(as('key:1', 'north'));
      expect(bytes).toBe(11_000);
      const day = 24 * 60 * 60 * 1_000;
      // File systems round.
      expect(firstEndsAt).toBeGreaterThanOrEqual(before + day - 2_000);
      expect(firstEndsAt).toBeLessThanOrEqual(Date.now() + day);
    });

    test('many small ones count as what they take of a disk', async () => {
      const exports = await one();
      for (let i = 0; i < 3; i++) await exports.write('jsonl', (sink) => sink('1'), testCall());
      expect((await exports.held(testCall())).bytes).toBe(3 * 4_096);
    });

    test('who writes beyond the room for all loses its own oldest first, and others lose none', async () => {
      const exports = await one(100);
      const [ada, bob] = ['key:1', 'key:2'].map((id) => testCall({ caller: { id, scopes: ['read'] } }));
      const write = async (by = testCall()) => {
        const { id } = await exports.write('jsonl', (sink) => sink('x'.repeat(40)), by);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return id;
      };
      const first = await write(ada);
      const second = await write(bob);
      await write(bob);
      await expect.poll(() => exports.read(second, bob ?? testCall()).catch(() => 'gone')).toBe('gone');
      expect((await exports.read(first, ada ?? testCall())).text).toHaveLength(40);
    });

    test('beyond the room for all, the oldest go; the newest stays whatever its size', async () => {
      const exports = await one(100);
      const write = (size: number) => exports.write('jsonl', (sink) => sink('x'.repeat(size)), testCall());
      const first = await write(60);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const second = await write(60);
      await gone(exports, first.id);
      expect((await exports.read(second.id, testCall())).text).toHaveLength(60);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const third = await write(200);
      await gone(exports, second.id);
      expect((await exports.read(third.id, testCall())).text).toHaveLength(200);
    });
  });
}
