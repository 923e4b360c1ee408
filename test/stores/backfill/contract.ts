// What every backfill of vectors does, in the words of its callers, beside the retriever that it fills. It sees at once
// what was written before; what is found may come a moment later.
import { describe, expect, test } from 'vitest';
import type { Backfill, Retriever } from '../../../src/stores/index/types.ts';
import { testCall } from '../../support/call.ts';
import { byMeaning, documentOf, embed, expectNear, nearest, type PortFixture, space } from '../ports.ts';

type Ports = { readonly retriever: Retriever; readonly backfill: Backfill };

const other = { fingerprint: 'other@1', dimensions: 2 };

export function backfillContract({ name, open, eventually, tolerance }: PortFixture<Ports>): void {
  /** With a document of one passage for each of these texts. */
  async function withDocuments(...texts: readonly string[]): Promise<Ports> {
    const ports = await open();
    await ports.retriever.upsert(
      texts.map((one, i) => documentOf(`${i}/${one}`, [one])),
      testCall(),
    );
    expect((await ports.backfill.pending(1, testCall())).total).toBe(texts.length);
    return ports;
  }

  /** Makes vectors of the other space for some passages that lack one there. */
  async function build({ backfill }: Ports, limit = 100): Promise<void> {
    const chunks = await backfill.unbuilt(0, limit, testCall());
    const vectors = chunks.map(({ chunk, text }) => ({
      chunk,
      vector: Float32Array.from(text === 'x' ? [1, 0] : [0, 1]),
    }));
    await backfill.buildVectors(other, vectors, testCall());
  }

  describe(`a backfill of vectors (${name})`, () => {
    test('lists passages that have no vector, some at a time, with how many there are', async () => {
      const { backfill } = await withDocuments('x', 'y', 'z');
      const { chunks, total } = await backfill.pending(2, testCall());
      expect(chunks).toHaveLength(2);
      expect(total).toBe(3);
      expect(await embed(backfill)).toBe(3);
      expect(await backfill.pending(2, testCall())).toEqual({ chunks: [], total: 0 });
    });

    test('never mixes vectors of two models', async () => {
      const { retriever, backfill } = await withDocuments('x');
      await embed(backfill);
      await retriever.upsert([documentOf('y', ['y'])], testCall());
      const wrong = { fingerprint: 'other@1', dimensions: 4 };
      expect((await backfill.pending(1, testCall())).total).toBe(1);
      await expect(embed(backfill, undefined, wrong)).rejects.toMatchObject({ code: 'conflict' });
    });

    test('keeps no vector of a passage that went while it was made', async () => {
      const { retriever, backfill } = await withDocuments('x');
      const { chunks } = await backfill.pending(1, testCall());
      await retriever.remove(['0/x'], testCall());
      const vectors = chunks.map(({ chunk }) => ({ chunk, vector: Float32Array.from([1, 0, 0, 0]) }));
      expect(await backfill.saveVectors(space, vectors, testCall())).toBe(0);
    });

    test('keeps the vector that a passage has when another process makes it once more', async () => {
      const { retriever, backfill } = await withDocuments('x');
      const { chunks } = await backfill.pending(1, testCall());
      const along = (vector: readonly number[]) =>
        chunks.map(({ chunk }) => ({ chunk, vector: Float32Array.from(vector) }));
      expect(await backfill.saveVectors(space, along([1, 0, 0, 0]), testCall())).toBe(1);
      expect(await backfill.saveVectors(space, along([0, 1, 0, 0]), testCall())).toBe(0);
      await eventually(async () => {
        const vector = { values: Float32Array.from([1, 0, 0, 0]), space };
        expectNear((await byMeaning(retriever, vector))[0]?.score, 1, tolerance);
      });
    });

    test('does not list a passage that the model does not know, nor another with its text', async () => {
      const { retriever, backfill } = await withDocuments('x', 'x', 'y');
      const { chunks } = await backfill.pending(10, testCall());
      const [first] = chunks.filter(({ text }) => text.endsWith('x'));
      await backfill.leaveOut(space, [first?.chunk ?? 0], testCall());
      expect((await backfill.pending(10, testCall())).total).toBe(1);
      expect(await embed(backfill)).toBe(1);
      await eventually(async () => {
        expect(await retriever.stats(testCall())).toMatchObject({ chunks: 3, embedded: 1, unknown: 2 });
      });
    });

    test('lists what one model did not know again for the one that takes its place', async () => {
      const ports = await withDocuments('x', 'y');
      const { chunks } = await ports.backfill.pending(10, testCall());
      const [first] = chunks.filter(({ text }) => text.endsWith('x'));
      await ports.backfill.leaveOut(space, [first?.chunk ?? 0], testCall());
      await embed(ports.backfill);
      await ports.backfill.build(other, testCall());
      await build(ports);
      await ports.backfill.switchSpace(other, testCall());
      const { unknown } = await ports.retriever.stats(testCall());
      expect(unknown).toBeUndefined();
    });

    test('lists all passages again for another model where the one before knew none', async () => {
      const { backfill } = await withDocuments('x', 'y');
      const { chunks } = await backfill.pending(10, testCall());
      await backfill.leaveOut(
        space,
        chunks.map(({ chunk }) => chunk),
        testCall(),
      );
      expect(await backfill.withoutVectors(testCall())).toBe(space.fingerprint);
      await backfill.leaveOut(other, [], testCall());
      expect((await backfill.pending(10, testCall())).total).toBe(2);
    });

    test('builds another space beside the one that serves, which then takes over in one step', async () => {
      const ports = await withDocuments('x', 'y');
      const { retriever, backfill } = ports;
      await embed(backfill);
      await backfill.build(other, testCall());
      await build(ports);
      expect(await backfill.unbuilt(0, 10, testCall())).toEqual([]);
      await eventually(async () => {
        expect(await nearest(retriever, [1, 0, 0, 0])).toEqual(['0/x', '1/y']);
      });

      await backfill.switchSpace(other, testCall());

      await eventually(async () => {
        expect(await nearest(retriever, [0, 1], { of: other })).toEqual(['1/y', '0/x']);
        expect(await nearest(retriever, [1, 0, 0, 0])).toEqual([]);
        expect(await retriever.stats(testCall())).toMatchObject({ embedded: 2, space: other });
      });
      while (await backfill.removeRetired(testCall()));
      expect(await backfill.removeRetired(testCall())).toBe(false);
    });

    test('goes on with what was built before an interruption', async () => {
      const ports = await withDocuments('x', 'y', 'z');
      const { backfill } = ports;
      await embed(backfill);
      await backfill.build(other, testCall());
      await build(ports, 2);
      await backfill.build(other, testCall());
      expect(await backfill.unbuilt(0, 10, testCall())).toHaveLength(1);
    });

    test('refuses vectors for a space that has been given up, and to put it into service', async () => {
      const ports = await withDocuments('x');
      const { backfill } = ports;
      await embed(backfill);
      await backfill.build(other, testCall());
      await backfill.build({ fingerprint: 'third@1', dimensions: 2 }, testCall());
      await expect(build(ports)).rejects.toMatchObject({ code: 'conflict' });
      await expect(backfill.switchSpace(other, testCall())).rejects.toMatchObject({ code: 'conflict' });
    });
  });
}
