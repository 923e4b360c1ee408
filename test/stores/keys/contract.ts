// What every key ring does, in the words of its callers.
import { describe, expect, test } from 'vitest';
import { createSigner, type KeyRing } from '../../../src/policy/signing.ts';

/** How to open a ring, empty, as so many processes see it. */
interface KeysFixture {
  readonly name: string;
  open(processes: number): Promise<readonly KeyRing[]>;
  /** Until a new key signs everywhere. */
  settled(): Promise<void>;
}

const sign = async (ring: KeyRing | undefined): Promise<string> => {
  if (!ring) throw new Error('no ring');
  return createSigner(await ring.current()).sign('cursor', '1');
};
const verify = async (ring: KeyRing | undefined, token: string): Promise<string> => {
  if (!ring) throw new Error('no ring');
  return createSigner(await ring.current()).verify('cursor', token);
};
const keyOf = (token: string): string | undefined => token.split('.')[0];

export function keysContract({ name, open, settled }: KeysFixture): void {
  describe(`keys (${name})`, () => {
    test('processes that begin at once agree on them', async () => {
      const rings = await open(4);
      const keys = await Promise.all(rings.map((ring) => ring.current()));
      expect(new Set(keys.map(([first]) => first.id)).size).toBe(1);
      expect(keys.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    });

    test('what one process signs, another accepts', async () => {
      const [first, second] = await open(2);
      expect(await verify(second, await sign(first))).toBe('1');
    });

    test('a rotation adds a key; what was signed before it stays valid', async () => {
      const [ring] = await open(1);
      const before = await sign(ring);
      expect(await ring?.rotate()).toHaveLength(2);
      await settled();
      expect(await verify(ring, before)).toBe('1');
      expect(keyOf(await sign(ring))).not.toBe(keyOf(before));
    });

    test('other processes sign with the new key soon, too', async () => {
      const [first, second] = await open(2);
      const before = await sign(second);
      await first?.rotate();
      await settled();
      expect(keyOf(await sign(second))).toBe(keyOf(await sign(first)));
      expect(keyOf(await sign(second))).not.toBe(keyOf(before));
    });

    test('at no moment of a rotation does a process refuse what another has signed', async () => {
      const rings = await open(3);
      await Promise.all(rings.map((ring) => ring.current()));
      const rotation = rings[0]?.rotate();
      const until = Date.now() + 500;
      for (let i = 0; Date.now() < until; i++) {
        const token = await sign(rings[i % 3]);
        for (const ring of rings) expect(await verify(ring, token)).toBe('1');
      }
      await rotation;
    });

    test('a key falls out after two more rotations', async () => {
      const [ring] = await open(1);
      const before = await sign(ring);
      for (let i = 0; i < 2; i++) {
        await ring?.rotate();
        await settled();
      }
      expect(await verify(ring, before)).toBe('1');
      await ring?.rotate();
      await settled();
      await expect(verify(ring, before)).rejects.toThrow(/not valid/);
    });
  });
}
