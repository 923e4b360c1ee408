import type { Caller } from '../../../call.ts';
import { HydrogenError } from '../../../errors.ts';
import { inTime } from '../../../policy/limits.ts';
import { type Exports, type HeldExports, minExportBytes } from './exports.ts';

interface Shares {
  /** Bytes of exports that a caller may have at once; undefined for one without a limit. It may change. */
  of(caller: Caller): number | undefined;
  /** Hears of each refusal. */
  hit(): void;
}

const inMegabytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${bytes.toLocaleString('en')} bytes` : `${(bytes / 1_000_000).toFixed(1)} MB`;

function noRoom(share: number, { bytes, firstEndsAt }: HeldExports): HydrogenError {
  const most = `the ${inMegabytes(share)} that all exports of a caller may have together (setting limits.exportBytes)`;
  if (firstEndsAt === undefined) {
    return new HydrogenError(
      'too_large',
      `The export is larger than ${most}, and was not kept. Narrow the filter or the fields.`,
    );
  }
  const seconds = Math.max(1, Math.ceil((firstEndsAt - Date.now()) / 1_000));
  return new HydrogenError(
    'too_many',
    `Your exports that can still be fetched have ${inMegabytes(bytes)}, and with this one they would have more than ${most}. Nothing was kept: export less, or try again ${inTime(seconds)}, when the first of them ends.`,
  );
}

/**
 * The same exports, of which each caller has at most its share. What is complete is counted over all processes that share
 * the store; what is under way in this process alone, so that callers of several nodes may go beyond their share by what
 * they have under way on the others.
 */
export function withShares(exports: Exports, shares: Shares): Exports {
  /** Bytes that are being written, by caller. */
  const underWay = new Map<string, number>();
  return {
    ...exports,
    async write(ending, produce, call) {
      const { caller } = call;
      const given = shares.of(caller);
      if (given === undefined) return exports.write(ending, produce, call);
      const share = given;
      let [written, counted] = [0, 0];
      const underWayOf = (): number => underWay.get(caller.id) ?? 0;
      function assertRoom(held: HeldExports, more: number): void {
        if (held.bytes + underWayOf() + more <= share) return;
        shares.hit();
        throw noRoom(share, held);
      }
      /** Counts what was written so far, and no less than what a small file takes. */
      function countUpTo(bytes: number): void {
        const all = underWayOf() + bytes - counted;
        counted = bytes;
        if (all === 0) underWay.delete(caller.id);
        else underWay.set(caller.id, all);
      }
      const before = await exports.held(call);
      // What nothing fits beside is not begun.
      assertRoom(before, minExportBytes);
      countUpTo(minExportBytes);
      try {
        return await exports.write(
          ending,
          async (sink) => {
            const result = await produce(async (text) => {
              written += Buffer.byteLength(text);
              const needed = Math.max(written, minExportBytes);
              assertRoom(before, needed - counted);
              countUpTo(needed);
              await sink(text);
            });
            // Others may have been completed meanwhile.
            assertRoom(await exports.held(call), 0);
            return result;
          },
          call,
        );
      } finally {
        countUpTo(0);
      }
    },
  };
}
