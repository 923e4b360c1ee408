import { type Call, systemCall } from '../call.ts';
import { throwIfCallEnded } from '../call-end.ts';
import type { AuditKey } from '../config/audit-keys.ts';
import { HydrogenError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import type { AuditEntry, AuditLog, AuditPlace } from '../stores/audit/audit-log.ts';
import { type CodingKey, chained, headText, type TimedFacts } from './chain.ts';
import type { AuditFacts, AuditRecord } from './record.ts';

/** Appends records to the chain. */
export interface AuditWriter {
  /**
   * Resolves once the record is durable.
   * @param argumentsText what lies beside it; the facts have its digest
   * @throws HydrogenError when it could not be appended in time
   */
  append(facts: AuditFacts, argumentsText?: string): Promise<void>;
  /** The last place that this process has appended at. */
  readonly head: AuditPlace | undefined;
  /**
   * The last record of the chain, whoever has appended it.
   * @throws HydrogenError `unavailable` where this process could not go on from it
   */
  look(call: Call): Promise<AuditPlace | undefined>;
  /** Resolves when nothing waits to be appended. */
  settled(): Promise<void>;
}

export interface WriterParts {
  readonly log: AuditLog;
  readonly keys: readonly AuditKey[];
  readonly key: CodingKey;
  readonly logger: Logger;
  /** How long an append may take, ms. */
  readonly limitMs?: number;
}

/** What waits while an append is under way is the next one: many calls share a transaction. */
const maxBatch = 200;
/** A call that is recorded may have to wait for a change that another process makes, ms. */
const appendMs = 15_000;
/**
 * For how long the end of the chain is remembered, ms. Another process may have appended meanwhile, which the store
 * notices, and have taken these records out an hour later, which it may not.
 */
const rememberMs = 60_000;

/** Undefined for what is no record any more: verification tells that, and it must not keep a server from going on. */
function keyOf({ text }: AuditEntry): string | undefined {
  try {
    return (JSON.parse(text) as Partial<AuditRecord>).key;
  } catch {
    return undefined;
  }
}

interface Waiting extends TimedFacts {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * One chain for all processes: who appends says behind which record, and begins again behind the one that another
 * process has appended meanwhile.
 */
export function createAuditWriter({ log, keys, key, logger, limitMs = appendMs }: WriterParts): AuditWriter {
  const waiting: Waiting[] = [];
  let working: Promise<void> | undefined;
  let end: { readonly place: AuditPlace | undefined; readonly seenAt: number } | undefined;
  let head: AuditPlace | undefined;

  /** A process that does not know the key of the last record was left behind by a new key, or has a wrong one. */
  function assertKnown(last: string | undefined): void {
    if (last === undefined || keys.some(({ id }) => id === last)) return;
    throw new HydrogenError(
      'unavailable',
      `The last audit record is coded with key "${last}", which this process does not have. Give it in auditKey: in front, where it is the new one and this process was not restarted since; else behind the key in use. A key that is lost is given by its id alone.`,
    );
  }

  async function endOf(call: Call): Promise<AuditPlace | undefined> {
    if (end && performance.now() - end.seenAt < rememberMs) return end.place;
    return look(call);
  }

  async function look(call: Call): Promise<AuditPlace | undefined> {
    // While it is read, an append may get further.
    const written = head;
    const { entry, anchor } = await log.end(call);
    assertKnown(entry ? keyOf(entry) : anchor?.key);
    const last = entry ?? anchor;
    if (written) tellCut(written, last);
    return last;
  }

  /** The chain goes on from what is there all the same: an earlier store file may have been put back. */
  function tellCut(written: AuditPlace, last: AuditPlace | undefined): void {
    if ((last?.seq ?? 0) >= written.seq) return;
    const facts = { audit: 'cut', seq: last?.seq ?? 0, head: headText(written, key) };
    logger.error(facts, 'the audit record ends before what this process has written: records were removed');
    if (head === written) head = undefined;
  }

  async function appendAll(batch: readonly TimedFacts[]): Promise<void> {
    const call = systemCall(logger, { limitMs });
    for (;;) {
      const after = await endOf(call);
      const entries = chained(after, batch, key);
      if (await log.append(after, entries, call)) {
        const last = entries.at(-1);
        head = last && { seq: last.seq, code: last.code };
        end = { place: head, seenAt: performance.now() };
        return;
      }
      end = undefined;
      throwIfCallEnded(call);
    }
  }

  async function work(): Promise<void> {
    // What is asked for in the same turn goes together.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxBatch);
      try {
        await appendAll(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        // It may have been appended all the same.
        end = undefined;
        for (const { reject } of batch) reject(error);
      }
    }
    working = undefined;
  }

  return {
    get head() {
      return head;
    },
    append(facts, argumentsText) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const beside = argumentsText === undefined ? {} : { argumentsText };
      waiting.push({ facts, at: Date.now(), ...beside, resolve, reject });
      working ??= work();
      return promise;
    },
    look,
    settled: async () => working,
  };
}
