import type { AuditKey } from '../config/audit-keys.ts';
import type { AuditAnchor, AuditEntry, AuditPlace } from '../stores/audit/audit-log.ts';
import { type AnchorPurpose, beginning, codeOf, isAnchor, isTextOf } from './chain.ts';
import { type AuditFault, createFaultList, type FaultList } from './faults.ts';
import type { AuditRecord } from './record.ts';

/** What a verification has found. */
export interface AuditVerdict {
  /** Records that were looked at. */
  readonly records: number;
  /** Where the chain begins: behind this one. */
  readonly after: AuditPlace;
  /** The last record; undefined for none. */
  readonly head?: AuditPlace;
  /** When the first and the last record were made, ISO 8601. */
  readonly first?: string;
  readonly last?: string;
  /** Whether the head that was given is that of a record which was moved out before. */
  readonly isHeadOlder?: boolean;
  /** Records whose arguments' text is gone: it was erased. */
  readonly textsGone: number;
  readonly faults: readonly AuditFault[];
  /** Faults that are not listed. */
  readonly moreFaults: number;
}

export interface VerifyOptions {
  readonly keys: readonly AuditKey[];
  /** Behind what the chain begins; undefined for the first record of all. */
  readonly anchor?: AuditAnchor;
  /** Whether they are those of a file, which may begin anywhere. */
  readonly isFile?: boolean;
  /** Numbers beside which a text lies, and no record is. */
  readonly looseTexts?: readonly number[];
  /** A place that the chain has had, from the log or another copy. */
  readonly head?: AuditPlace;
}

/** Records that stand elsewhere, whose codes are needed where they belong: so many are remembered. */
const maxDisplaced = 10_000;

/** Reads one record after the other. */
interface Walk {
  step(entry: AuditEntry): void;
  end(looseTexts?: readonly number[]): void;
  readonly last: AuditPlace;
  readonly times: { first?: string; last?: string };
  readonly textsGone: number;
}

type Placed = Pick<AuditRecord, 'seq' | 'key' | 'time' | 'arguments'>;

function recordIn(text: string): Placed | undefined {
  try {
    const { seq, key, time, arguments: given } = JSON.parse(text) as Partial<AuditRecord>;
    if (typeof seq === 'number' && typeof key === 'string' && typeof time === 'string') {
      return { seq, key, time, ...(given && { arguments: given }) };
    }
  } catch {
    // Reported by the caller, as for JSON that is no record.
  }
  return undefined;
}

function createWalk(start: AuditPlace, keys: readonly AuditKey[], faults: FaultList): Walk {
  const places = new Map(keys.map((key, at) => [key.id, { ...key, at }]));
  /** The codes that the record before may have: undefined where it is not known, so that the next cannot be checked. */
  let before: readonly string[] | undefined = [start.code];
  let last = start;
  /** The number of the last record that is in its order. */
  let expected = start.seq + 1;
  let newest = Number.POSITIVE_INFINITY;
  const displaced = new Map<number, string>();
  const missing: { readonly from: number; readonly to: number }[] = [];
  const times: Walk['times'] = {};
  let textsGone = 0;

  function checkKey({ key, seq }: Placed): AuditKey | undefined {
    const known = places.get(key);
    if (!known?.secret) {
      faults.add('other key', seq, key);
      return undefined;
    }
    if (known.at > newest) faults.add('earlier key', seq, key);
    newest = Math.min(newest, known.at);
    return known;
  }

  /** @returns the codes that the next record may have been coded behind */
  function checkCode({ seq, text, code }: AuditEntry, { secret }: AuditKey): readonly string[] {
    if (!secret || before === undefined) return [code];
    const made = before.map((one) => codeOf(secret, one, text));
    if (made.includes(code)) return [code];
    faults.add('altered', seq);
    // Its text or its code: the next one shows.
    return [code, ...made];
  }

  /** The text beside a record; of one that was altered nothing says what it was. */
  function checkText({ seq, argumentsText }: AuditEntry, record: Placed, { secret }: AuditKey): void {
    const digest = record.arguments?.textDigest;
    if (argumentsText === undefined) {
      if (digest !== undefined) textsGone++;
    } else if (secret && !isTextOf(secret, digest, argumentsText)) faults.add('altered text', seq);
  }

  function checkGap(seq: number): void {
    if (seq <= expected) return;
    missing.push({ from: expected, to: seq - 1 });
    before = undefined;
  }

  /** What stands behind a later one is not missing. */
  function found(seq: number): void {
    const at = missing.findIndex(({ from, to }) => from <= seq && seq <= to);
    const gap = missing[at];
    if (!gap) return;
    const parts = [
      { from: gap.from, to: seq - 1 },
      { from: seq + 1, to: gap.to },
    ];
    missing.splice(at, 1, ...parts.filter(({ from, to }) => from <= to));
  }

  return {
    times,
    get textsGone() {
      return textsGone;
    },
    get last() {
      return last;
    },
    step(entry) {
      const { seq, text, code } = entry;
      checkGap(seq);
      if (seq < expected) {
        found(seq);
        faults.add('reordered', seq, 'it stands behind a later one');
        return;
      }
      expected = seq + 1;
      last = { seq, code };
      const record = recordIn(text);
      if (!record) {
        faults.add('unreadable', seq);
        before = [code];
        return;
      }
      if (record.seq !== seq) {
        faults.add('reordered', seq, `in its place stands record ${record.seq}`);
        if (displaced.size < maxDisplaced) displaced.set(record.seq, code);
        const known = displaced.get(seq);
        before = known === undefined ? undefined : [known];
        return;
      }
      times.first ??= record.time;
      times.last = record.time;
      const key = checkKey(record);
      before = key ? checkCode(entry, key) : [code];
      if (key) checkText(entry, record, key);
    },
    end(looseTexts = []) {
      for (const { from, to } of missing) faults.add('removed', from, '', to);
      for (const seq of looseTexts) faults.add('loose text', seq);
    },
  };
}

/**
 * Verifies a chain, one record after the other: what is wrong with one does not hide what is wrong with another.
 * @param entries in the order in which they are kept
 */
export async function verifyChain(
  entries: AsyncIterable<readonly AuditEntry[]>,
  { keys, anchor, head, looseTexts, isFile = false }: VerifyOptions,
): Promise<AuditVerdict> {
  const faults = createFaultList();
  const purposes: readonly AnchorPurpose[] = isFile ? ['anchor', 'export'] : ['anchor'];
  if (anchor && !isAnchor(anchor, purposes, keys)) faults.add('unsigned beginning', 1, '', anchor.seq);
  const start = anchor ? { seq: anchor.seq, code: anchor.code } : beginning;
  const walk = createWalk(start, keys, faults);
  let records = 0;
  let isMet = head === undefined || (head.seq === start.seq && head.code === start.code);
  for await (const some of entries) {
    for (const entry of some) {
      records++;
      walk.step(entry);
      if (entry.seq !== head?.seq || isMet) continue;
      isMet = true;
      if (entry.code !== head.code) faults.add('other head', head.seq);
    }
  }
  walk.end(looseTexts);
  if (head && !isMet && head.seq > walk.last.seq) faults.add('cut', walk.last.seq + 1, '', head.seq);
  return {
    records,
    after: start,
    ...(records > 0 && { head: walk.last }),
    ...walk.times,
    textsGone: walk.textsGone,
    ...(head && { isHeadOlder: head.seq < start.seq }),
    faults: [...faults.all].sort((a, b) => a.from - b.from),
    moreFaults: faults.more,
  };
}
