import { entriesFrom } from '../audit/file.ts';
import { type AuditRecord, recordIn } from '../audit/record.ts';
import type { Call } from '../call.ts';
import { throwIfCallEnded } from '../call-end.ts';
import { HydrogenError } from '../errors.ts';
import type { ApiKeys } from '../stores/api-keys/api-keys.ts';
import { type AuditLog, madeAt } from '../stores/audit/audit-log.ts';
import type { Cache } from '../stores/cache/cache.ts';
import type { Exports } from '../stores/documents/export/exports.ts';
import type { Journal } from '../stores/journal/types.ts';
import { type UnknownName, unknownNames } from './known.ts';

/** What can be erased on request. Documents of the library and collections have ways of their own. */
export const erasable = ['runs', 'exports', 'audit-text', 'caches'] as const;
export type Erasable = (typeof erasable)[number];

/** Whose, and from when; all that is given has to be true. */
export interface Chosen {
  /** The id of the caller, or its name. */
  readonly caller?: string;
  /** What ended or was written before it, ms since the epoch. */
  readonly before?: number;
  /** Of runs alone. */
  readonly workflow?: string;
}

/** What there is, or was erased, of one kind. */
export interface ErasureOutcome {
  readonly what: Erasable;
  readonly count: number;
  /** Of runs: those that have not ended, and stay; at most a thousand. */
  readonly unfinished?: readonly string[];
  /** How many these are, also beyond those that are named. */
  readonly unfinishedCount?: number;
  /** Of audit text: records of before that hold theirs inside, where nothing can take it out. */
  readonly inside?: number;
  /** Why it failed; `count` is what was done before that. */
  readonly error?: unknown;
}

export interface ErasureParts {
  readonly journal: Pick<Journal, 'count' | 'erase' | 'recent'>;
  readonly audit: AuditLog;
  readonly exports: Pick<Exports, 'count' | 'erase'>;
  readonly cache: Pick<Cache, 'count' | 'clear'>;
  readonly apiKeys: Pick<ApiKeys, 'list'>;
  /** Has the store file hold nothing of it any more; absent where neither runs nor audit records lie in it. */
  readonly scrub?: (compact: boolean, call: Call) => Promise<boolean>;
}

export interface Erasure {
  /** Which of the chosen caller and workflow are names that nothing has; to be asked where nothing of them was found. */
  unknown(chosen: Chosen, call: Call): Promise<readonly UnknownName[]>;
  /** What would be erased. */
  look(chosen: Chosen, what: readonly Erasable[], call: Call): Promise<readonly ErasureOutcome[]>;
  /**
   * Erases each kind, also where another one fails.
   * @param erased hears of what is gone as it goes, also where the call ends before the rest is
   */
  erase(
    chosen: Chosen,
    what: readonly Erasable[],
    call: Call,
    erased?: (what: Erasable, count: number) => void,
  ): Promise<readonly ErasureOutcome[]>;
  /**
   * Has the files of this machine hold nothing any more of what was erased.
   * @returns false where others were still reading what was before; undefined where no file has any of it
   */
  scrub(call: Call): Promise<boolean | undefined>;
}

/** Texts that are erased at once. */
const pageOfTexts = 500;

/** What the audit record has of the chosen. */
interface AuditScan {
  /** Numbers of records beside which a text lies. */
  readonly beside: readonly number[];
  readonly inside: number;
  /** Ids of the chosen caller. */
  readonly callers: ReadonlySet<string>;
}

const isBy = (by: AuditRecord['caller'], caller: string | undefined): boolean =>
  caller === undefined || by?.id === caller || by?.name === caller;

async function scan(log: AuditLog, { caller, before }: Chosen, call: Call): Promise<AuditScan> {
  const beside: number[] = [];
  const callers = new Set<string>();
  let inside = 0;
  for await (const page of entriesFrom(log, 1, call)) {
    throwIfCallEnded(call);
    for (const { seq, text, argumentsText } of page) {
      const { caller: by, arguments: given } = recordIn(text);
      if (!isBy(by, caller)) continue;
      if (by) callers.add(by.id);
      if (before !== undefined && madeAt(text) >= before) continue;
      if (argumentsText !== undefined) beside.push(seq);
      if (given?.text !== undefined) inside++;
    }
  }
  return { beside, inside, callers };
}

/** Whether the ids of a caller that is known by its name are looked for there. */
const isFoundBy = (what: Erasable): boolean => what === 'runs' || what === 'audit-text';
const exportsFailed = ({ what, error }: ErasureOutcome): boolean => what === 'exports' && error !== undefined;
const neededForExports = new HydrogenError(
  'unavailable',
  'Left as they are, since the exports of the caller, which failed, are found by them.',
);

export function createErasure(parts: ErasureParts): Erasure {
  const { journal, audit, exports, cache, apiKeys } = parts;

  /** All ids under which a caller is known: an export knows its maker by the id alone. */
  async function idsOf(chosen: Chosen, call: Call): Promise<readonly string[] | undefined> {
    const { caller } = chosen;
    if (caller === undefined) return undefined;
    const [runs, scanned, keys] = await Promise.all([
      journal.count({ caller }, call),
      scan(audit, { caller }, call),
      apiKeys.list(call),
    ]);
    const named = keys.filter(({ name }) => name === caller).map(({ id }) => `key:${id}`);
    return [...new Set([caller, ...runs.callers, ...scanned.callers, ...named])];
  }

  async function chosenExports({ before, ...chosen }: Chosen, call: Call) {
    const callers = await idsOf(chosen, call);
    return { ...(callers && { callers }), ...(before !== undefined && { before }) };
  }

  type Work = (chosen: Chosen, call: Call, done: (count: number) => void) => Promise<Partial<ErasureOutcome>>;

  /** Erases those that there are, in portions. @returns how many there were */
  async function eraseRuns(chosen: Chosen, call: Call, done: (count: number) => void): Promise<number> {
    let [sum, after]: [number, string | undefined] = [0, undefined];
    do {
      const { ids, next } = await journal.erase(chosen, after, call);
      done(ids.length);
      sum += ids.length;
      after = next;
    } while (after !== undefined);
    return sum;
  }

  const looks: Readonly<Record<Erasable, Work>> = {
    async runs(chosen, call, done) {
      const { ended, unfinished, unfinishedCount } = await journal.count(chosen, call);
      done(ended);
      return { unfinished, unfinishedCount };
    },
    async exports(chosen, call, done) {
      done(await exports.count(await chosenExports(chosen, call), call));
      return {};
    },
    async 'audit-text'(chosen, call, done) {
      const { beside, inside } = await scan(audit, chosen, call);
      done(beside.length);
      return { inside };
    },
    async caches(_chosen, call, done) {
      done(await cache.count(call));
      return {};
    },
  };

  const erasures: Readonly<Record<Erasable, Work>> = {
    async runs(chosen, call, done) {
      for (;;) {
        const erased = await eraseRuns(chosen, call, done);
        const { ended, unfinished, unfinishedCount } = await journal.count(chosen, call);
        // Some may have ended, or come, behind where it was at that time.
        if (ended === 0 || erased === 0) return { unfinished, unfinishedCount };
      }
    },
    async exports(chosen, call, done) {
      done(await exports.erase(await chosenExports(chosen, call), call));
      return {};
    },
    async 'audit-text'(chosen, call, done) {
      const { beside, inside } = await scan(audit, chosen, call);
      for (let from = 0; from < beside.length; from += pageOfTexts) {
        done(await audit.eraseTexts(beside.slice(from, from + pageOfTexts), call));
      }
      return { inside };
    },
    async caches(_chosen, call, done) {
      done(await cache.clear(call));
      return {};
    },
  };

  async function each(
    works: Readonly<Record<Erasable, Work>>,
    chosen: Chosen,
    what: readonly Erasable[],
    call: Call,
    heard?: (what: Erasable, count: number) => void,
  ): Promise<ErasureOutcome[]> {
    const outcomes: ErasureOutcome[] = [];
    // Exports before what they are found by.
    for (const one of [...what].sort((a, b) => order.indexOf(a) - order.indexOf(b))) {
      let count = 0;
      const done = (more: number): void => {
        count += more;
        heard?.(one, more);
        call.progress({ done: count, message: one });
      };
      if (isFoundBy(one) && chosen.caller !== undefined && outcomes.some(exportsFailed)) {
        outcomes.push({ what: one, count, error: neededForExports });
        continue;
      }
      try {
        outcomes.push({ ...(await works[one](chosen, call, done)), what: one, count });
      } catch (error) {
        throwIfCallEnded(call);
        outcomes.push({ what: one, count, error });
      }
    }
    return outcomes.sort((a, b) => erasable.indexOf(a.what) - erasable.indexOf(b.what));
  }
  const order: readonly Erasable[] = ['exports', 'runs', 'audit-text', 'caches'];

  return {
    unknown: (chosen, call) => unknownNames(parts, chosen, call),
    look: (chosen, what, call) => each(looks, chosen, what, call),
    erase: (chosen, what, call, erased) => each(erasures, chosen, what, call, erased),
    scrub: async (call) => parts.scrub?.(true, call),
  };
}
