// What every store of positions does, in the words of its callers.
import { describe, expect, test } from 'vitest';
import type { Catalog, Positions } from '../../../src/stores/index/types.ts';
import { testCall } from '../../support/call.ts';
import type { PortFixture } from '../ports.ts';

interface PositionsFixture
  extends Pick<PortFixture<{ readonly positions: Positions; readonly catalog: Catalog }>, 'name' | 'open'> {
  /** Why its store is not there. */
  readonly skip?: string;
}

export function positionsContract({ name, open, skip = '' }: PositionsFixture): void {
  describe.skipIf(skip !== '')(`the positions of followed collections (${name})${skip}`, () => {
    test('are as they were saved last, each source with its own', async () => {
      const { positions } = await open();
      expect(await positions.read('sales', testCall())).toBeUndefined();
      await positions.save('sales', 'one', testCall());
      await positions.save('sales', '{"_data":"two"}', testCall());
      await positions.save('plants', 'three', testCall());
      expect(await positions.read('sales', testCall())).toBe('{"_data":"two"}');
      expect(await positions.read('plants', testCall())).toBe('three');
    });

    test('go with their source, so that it is read from the beginning when it is there again', async () => {
      const { positions, catalog } = await open();
      await catalog.source('collection:default/shop/sales', 'sales', testCall());
      await positions.save('sales', 'one', testCall());
      await positions.save('plants', 'two', testCall());
      await catalog.removeSource('sales', testCall());
      expect(await positions.read('sales', testCall())).toBeUndefined();
      expect(await positions.read('plants', testCall())).toBe('two');
    });
  });
}
