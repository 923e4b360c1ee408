import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Progress } from '../../../src/call.ts';
import { createIngestProgress } from '../../../src/library/sync/ingest-progress.ts';

/** What is shown, on a clock that the test moves. */
function watched(waiting?: number) {
  const shown: Progress[] = [];
  let time = 0;
  const progress = createIngestProgress(
    (one) => shown.push(one),
    waiting,
    () => time,
  );
  return {
    progress,
    shown,
    last: () => shown.at(-1),
    after: (ms: number) => {
      time += ms;
    },
  };
}

const seconds = 1_000;

test('half of the bytes read are half of the work where no vectors are made', () => {
  const { progress, last, after } = watched();
  progress.begin(2, 2_000);
  progress.reading('docs/a.pdf');
  after(10 * seconds);
  progress.read(1_000, 5);
  progress.reading('docs/b.pdf');
  expect(last()).toEqual({
    ...{ done: 50, total: 100, unit: '%' },
    message: 'file 2 of 2: docs/b.pdf, about 10 s left',
  });
});

test('the vectors of passages that files will yield are part of the estimate', () => {
  const { progress, last, after } = watched(0);
  progress.begin(2, 2_000);
  progress.reading('a.pdf');
  after(seconds);
  progress.read(1_000, 100);
  progress.reading('b.pdf');
  expect(last()?.done).toBeLessThan(30);
});

test('passages that wait from before keep an ingest without new files from looking done', () => {
  const { progress, last } = watched(5_000);
  progress.begin(1, 0);
  progress.reading('a.pdf');
  progress.read(0, 0);
  expect(last()?.done).toBeLessThan(10);
});

test('while vectors are made, it is said that search by words works, and how long it takes', () => {
  const { progress, last, after } = watched(0);
  progress.begin(1, 1_000);
  progress.reading('a.pdf');
  after(4 * seconds);
  progress.read(1_000, 400);
  progress.embedded(0, 400);
  after(20 * seconds);
  progress.embedded(100, 400);
  expect(last()?.message).toBe(
    'embedding, 100 of 400 passages (search by words works already), about 1 min left',
  );
});

test('a file that most passages are of is named as the cause', () => {
  const { progress, last } = watched(0);
  progress.begin(2, 2_000);
  progress.reading('docs/readings.csv');
  progress.read(1_900, 8_000);
  progress.reading('docs/plan.md');
  progress.read(100, 3);
  progress.embedded(64, 8_003);
  expect(last()?.message).toContain('64 of 8003 passages; 8,000 are of docs/readings.csv');
});

test('work that turned out to be less than was thought ends at 100 %', () => {
  const { progress, shown, last } = watched(5_000);
  progress.begin(0, 0);
  progress.end();
  progress.end();
  expect(shown).toHaveLength(1);
  expect(last()).toMatchObject({ done: 100, total: 100 });
});

test('a wait for another process does not set the share back', () => {
  const { progress, last, after } = watched();
  progress.begin(2, 2_000);
  progress.reading('a');
  after(seconds);
  progress.read(1_000, 1);
  progress.reading('b');
  progress.waiting('waiting for another process making vectors');
  expect(last()?.done).toBe(50);
});

test('no time is told before it can be told from', () => {
  const { progress, shown, after } = watched();
  progress.begin(10, 10_000);
  progress.reading('a');
  after(100);
  progress.read(1_000, 1);
  progress.reading('b');
  expect(shown.map(({ message }) => message)).toEqual(['file 1 of 10: a', 'file 2 of 10: b']);
});

const work = fc.record({
  waiting: fc.option(fc.nat(5_000), { nil: undefined }),
  files: fc.array(fc.record({ bytes: fc.nat(1e7), passages: fc.nat(3_000), ms: fc.nat(60_000) }), {
    maxLength: 20,
  }),
  passageMs: fc.nat(500),
});

test('whatever the work, the share rises from 0 to 100, and is never more before the end', () => {
  fc.assert(
    fc.property(work, ({ waiting, files, passageMs }) => {
      const { progress, shown, last, after } = watched(waiting);
      progress.begin(
        files.length,
        files.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      let total = waiting ?? 0;
      for (const [i, { bytes, passages, ms }] of files.entries()) {
        progress.reading(`file ${i}`);
        after(ms);
        progress.read(bytes, passages);
        total += passages;
      }
      if (waiting !== undefined)
        for (let done = 0; done < total; ) {
          progress.embedded(done, total);
          const batch = Math.min(64, total - done);
          after(batch * passageMs);
          done += batch;
          progress.embedded(done, total);
        }
      const shares = shown.map(({ done }) => done);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      expect(shares.every((share) => share >= 0 && share <= 100)).toBe(true);
      if (shown.length > 0) expect(last()?.done).toBe(100);
    }),
    { numRuns: 200 },
  );
});
