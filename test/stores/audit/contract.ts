// What every store of audit records does, in the words of its callers.
import { describe, expect, test } from 'vitest';
import { codingKey } from '../../../src/audit/chain.ts';
import { entriesFrom } from '../../../src/audit/file.ts';
import { verifyChain } from '../../../src/audit/verify.ts';
import { createAuditWriter } from '../../../src/audit/writer.ts';
import { auditKeysIn, newAuditKey } from '../../../src/config/audit-keys.ts';
import { createLog } from '../../../src/observability/log.ts';
import type { AuditAnchor, AuditEntry, AuditLog, AuditPlace } from '../../../src/stores/audit/audit-log.ts';
import { testCall } from '../../support/call.ts';

/** How to open an empty store, as so many processes see it. */
interface AuditFixture {
  readonly name: string;
  open(processes: number): Promise<readonly AuditLog[]>;
}

/** A code as it looks, told apart by its first byte. */
const code = (seq: number, branch = 0): string =>
  Buffer.alloc(32, (seq * 7 + branch) % 256).toString('base64url');
const entry = (seq: number, branch = 0): AuditEntry => ({
  seq,
  code: code(seq, branch),
  text: `{"branch":${branch},"seq":${seq}}`,
});
const entries = (from: number, to: number, branch = 0): AuditEntry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, branch));
const place = (seq: number): AuditPlace => ({ seq, code: code(seq) });
const anchor = (seq: number): AuditAnchor => ({ ...place(seq), key: 'abc', signature: 'signed' });

export function auditContract({ name, open }: AuditFixture): void {
  async function one(): Promise<AuditLog> {
    const [log] = await open(1);
    if (!log) throw new Error('nothing was opened');
    return log;
  }

  describe(`audit records (${name})`, () => {
    test('an empty one has neither an end nor a beginning', async () => {
      const log = await one();
      expect(await log.end(testCall())).toEqual({});
      expect(await log.read(1, 10, testCall())).toEqual([]);
    });

    test('records are read as they were appended, in both directions', async () => {
      const log = await one();
      expect(await log.append(undefined, entries(1, 3), testCall())).toBe(true);
      expect(await log.append(place(3), entries(4, 5), testCall())).toBe(true);
      expect(await log.end(testCall())).toEqual({ entry: entry(5) });
      expect(await log.read(1, 10, testCall())).toEqual(entries(1, 5));
      expect(await log.read(2, 2, testCall())).toEqual(entries(2, 3));
      expect(await log.readBack(5, 3, testCall())).toEqual(entries(2, 4).reverse());
    });

    test('records that would go on from a place where the chain does not end are not appended, none of them', async () => {
      const log = await one();
      await log.append(undefined, entries(1, 3), testCall());
      expect(await log.append(place(2), entries(3, 5, 1), testCall())).toBe(false);
      expect(await log.append(undefined, entries(1, 5, 1), testCall())).toBe(false);
      expect(await log.read(1, 10, testCall())).toEqual(entries(1, 3));
    });

    test('of four processes that append behind the same record, forty times, one does each time', async () => {
      const processes = await open(4);
      for (let turn = 0; turn < 40; turn++) {
        const after = turn === 0 ? undefined : (await processes[0]?.end(testCall()))?.entry;
        const appended = await Promise.all(
          processes.map((log, branch) =>
            log.append(after, entries(2 * turn + 1, 2 * turn + 2, branch), testCall()),
          ),
        );
        expect(appended.filter(Boolean)).toHaveLength(1);
      }
      const all = await processes[1]?.read(1, 100, testCall());
      expect(all?.map(({ seq }) => seq)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
    });

    test('what is taken out is gone, and the rest begins behind it', async () => {
      const log = await one();
      await log.append(undefined, entries(1, 4), testCall());
      await log.append(place(4), entries(5, 6), testCall());
      await log.removeThrough(anchor(3), testCall());
      expect(await log.read(1, 10, testCall())).toEqual(entries(4, 6));
      expect(await log.readBack(10, 10, testCall())).toEqual(entries(4, 6).reverse());
      expect(await log.end(testCall())).toEqual({ entry: entry(6), anchor: anchor(3) });
    });

    test('the beginning never goes back, where two take records out at once', async () => {
      const [log, other] = await open(2);
      await log?.append(undefined, entries(1, 6), testCall());
      await log?.removeThrough(anchor(4), testCall());
      await other?.removeThrough(anchor(2), testCall());
      expect(await log?.end(testCall())).toEqual({ entry: entry(6), anchor: anchor(4) });
      expect(await log?.read(1, 10, testCall())).toEqual(entries(5, 6));
    });

    test('where all are taken out, the chain goes on behind the last of them', async () => {
      const log = await one();
      await log.append(undefined, entries(1, 4), testCall());
      await log.removeThrough(anchor(4), testCall());
      expect(await log.end(testCall())).toEqual({ anchor: anchor(4) });
      expect(await log.append(undefined, entries(1, 2), testCall())).toBe(false);
      expect(await log.append(place(4), entries(5, 6), testCall())).toBe(true);
      expect(await log.read(1, 10, testCall())).toEqual(entries(5, 6));
    });

    const said = (seq: number): AuditEntry => ({
      ...entry(seq),
      text: JSON.stringify({ seq, time: new Date(seq * 1_000).toISOString() }),
      argumentsText: `words of ${seq}`,
    });

    test('the text beside a record is read with it, and one that was erased is not, nor is any other record', async () => {
      const log = await one();
      await log.append(undefined, [said(1), entry(2), said(3)], testCall());
      await log.append(place(3), [said(4)], testCall());
      expect(await log.read(1, 10, testCall())).toEqual([said(1), entry(2), said(3), said(4)]);
      expect(await log.eraseTexts([1, 2, 4, 9], testCall())).toBe(2);
      const { argumentsText: _, ...first } = said(1);
      const { argumentsText: __, ...last } = said(4);
      expect(await log.read(1, 10, testCall())).toEqual([first, entry(2), said(3), last]);
      expect(await log.readBack(4, 10, testCall())).toEqual([said(3), entry(2), first]);
      expect(await log.end(testCall())).toEqual({ entry: last });
      expect(await log.eraseTexts([1, 2, 4], testCall())).toBe(0);
    });

    test('texts before a moment are found, as long as they are there', async () => {
      const log = await one();
      await log.append(undefined, [said(1), entry(2), said(3)], testCall());
      await log.append(place(3), [said(4), said(5)], testCall());
      expect(await log.oldTexts(1_000, 10, testCall())).toEqual([]);
      expect([...(await log.oldTexts(5_000, 10, testCall()))].sort()).toEqual([1, 3, 4]);
      expect(await log.oldTexts(5_000, 1, testCall())).toHaveLength(1);
      await log.eraseTexts([1, 3], testCall());
      expect(await log.oldTexts(5_000, 10, testCall())).toEqual([4]);
      await log.eraseTexts([4], testCall());
      expect(await log.oldTexts(5_000, 10, testCall())).toEqual([]);
      expect(await log.oldTexts(9_000, 10, testCall())).toEqual([5]);
    });

    test('two processes that erase texts of the same records bring none back', async () => {
      const [log, other] = await open(2);
      const all = Array.from({ length: 20 }, (_, i) => i + 1);
      await log?.append(undefined, all.map(said), testCall());
      const erased = await Promise.all([
        ...all.map((seq) => log?.eraseTexts([seq], testCall())),
        other?.eraseTexts(all.slice(10), testCall()),
      ]);
      expect(erased.length).toBe(21);
      const left = (await log?.read(1, 100, testCall())) ?? [];
      expect(left.filter(({ argumentsText }) => argumentsText !== undefined)).toEqual([]);
    });

    test('what is taken out of the chain takes its texts along', async () => {
      const log = await one();
      await log.append(undefined, [said(1), said(2), said(3)], testCall());
      await log.removeThrough(anchor(2), testCall());
      expect(await log.oldTexts(9_000, 10, testCall())).toEqual([3]);
    });

    test('what four processes append at once is one chain, as it was made', async () => {
      const processes = await open(4);
      const keys = auditKeysIn(newAuditKey());
      const [key, logger] = [codingKey(keys), createLog('silent')];
      const writers = processes.map((log) => createAuditWriter({ log, keys, key, logger }));
      const appends = writers.flatMap((writer) =>
        Array.from({ length: 25 }, async (_, i) => {
          for (let turn = 0; turn < 4; turn++) await writer.append({ event: 'read', name: `${i}` });
        }),
      );
      await Promise.all(appends);
      const [log] = processes;
      if (!log) throw new Error('nothing was opened');
      const verdict = await verifyChain(entriesFrom(log, 1, testCall()), { keys });
      expect(verdict).toMatchObject({ records: 400, faults: [] });
    });

    test('a call that is over appends nothing', async () => {
      const log = await one();
      const over = testCall({ deadline: Date.now() - 1 });
      await expect(log.append(undefined, entries(1, 1), over)).rejects.toMatchObject({ code: 'timeout' });
      expect(await log.end(testCall())).toEqual({});
    });
  });
}
