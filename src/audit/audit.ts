import type { Origin } from '../call.ts';
import { auditLevelOf } from '../config/audit.ts';
import { type AuditKey, auditKeysIn } from '../config/audit-keys.ts';
import type { Config } from '../config.ts';
import type { Middleware } from '../dispatch.ts';
import type { Probe } from '../observability/health.ts';
import type { Logger } from '../observability/log.ts';
import { reveal } from '../observability/secret.ts';
import type { AuditLog } from '../stores/audit/audit-log.ts';
import { type CodingKey, codingKey, headText } from './chain.ts';
import { createAuditMiddleware } from './middleware.ts';
import type { AuditFacts } from './record.ts';
import { type AuditWriter, createAuditWriter } from './writer.ts';

/** The audit record, as the server and the commands have it. */
export interface Audit {
  readonly log: AuditLog;
  readonly keys: readonly AuditKey[];
  /** Records every request; absent where nothing is recorded. */
  readonly middleware?: Middleware;
  /**
   * Records that somebody was refused before there was a call. It waits for nothing, and a flood does not fill the disk:
   * of many in a minute, the last ones are only counted; strangers do not use up what there is for callers.
   * @param reason in words that hold nothing of what was sent
   */
  refuse(refused: Origin & Pick<AuditFacts, 'caller' | 'kind' | 'action' | 'name'>, reason: string): void;
  /**
   * Records that the settings were read again: what has changed, by name, or why they cannot be used. It waits for nothing,
   * since what takes something from callers must not wait.
   */
  reread(facts: Pick<AuditFacts, 'settings' | 'reason' | 'outcome'>): void;
  /** Whether records can be written; absent where nothing is recorded. */
  readonly probe?: Probe;
  /** Writes what waits, and logs how far the record is. */
  close(): Promise<void>;
}

/** Records a minute of who was refused before a call; more are counted in the next. */
const maxRefused = 60;
const minuteMs = 60_000;

/** At most so many a minute. */
function createQuota(): { take(): number | undefined } {
  let [begun, taken, left] = [0, 0, 0];
  return {
    /** @returns how many were left out since the last one; undefined where this one is */
    take() {
      const now = performance.now();
      if (taken === 0 || now - begun > minuteMs) [begun, taken] = [now, 0];
      if (++taken > maxRefused) {
        left++;
        return undefined;
      }
      const others = left;
      left = 0;
      return others;
    },
  };
}

/** Logs the head as often as the settings say while it changes. */
function createHeads(writer: AuditWriter, key: CodingKey, everyMs: number, log: Logger) {
  let logged: number | undefined;
  const tell = (): void => {
    const { head } = writer;
    if (!head || head.seq === logged) return;
    logged = head.seq;
    log.info({ audit: 'head', seq: head.seq, head: headText(head, key) }, 'audit head');
  };
  const timer = setInterval(tell, everyMs).unref();
  return {
    close() {
      clearInterval(timer);
      tell();
    },
  };
}

/** What health says of it. Where it is down, whatever may change something is refused. */
const probeOf = (level: 'changes' | 'all', { look }: AuditWriter): Probe => ({
  name: 'audit',
  required: false,
  async check(call) {
    const end = await look(call);
    const what = level === 'all' ? 'changes and reads' : 'changes';
    const last = end === undefined ? 'no record yet' : `the last record is number ${end.seq}`;
    return { state: 'up', detail: `${what} are recorded; ${last}` };
  },
});

/** Opens nothing: the first record does. */
export function createAudit(config: Config, log: AuditLog, logger: Logger): Audit {
  const keys = config.auditKey ? auditKeysIn(reveal(config.auditKey)) : [];
  const level = auditLevelOf(config);
  if (level === 'off') return { log, keys, refuse() {}, reread() {}, async close() {} };
  const key = codingKey(keys);
  const writer = createAuditWriter({ log, keys, key, logger });
  const heads = createHeads(writer, key, config.auditHeadMs, logger);
  const [strangers, callers] = [createQuota(), createQuota()];
  return {
    ...{ log, keys },
    middleware: createAuditMiddleware({ config, level, key, writer }),
    probe: probeOf(level, writer),
    refuse(refused, reason) {
      const others = (refused.caller ? callers : strangers).take();
      if (others === undefined) return;
      const facts: AuditFacts = { event: 'refused', ...refused, reason, ...(others > 0 && { others }) };
      writer
        .append(facts)
        .catch((err: unknown) => logger.error({ err }, 'a refused request could not be recorded'));
    },
    reread(facts) {
      writer
        .append({ event: 'settings', ...facts })
        .catch((err: unknown) =>
          logger.error({ err }, 'settings that were read again could not be recorded'),
        );
    },
    async close() {
      await writer.settled();
      heads.close();
    },
  };
}
