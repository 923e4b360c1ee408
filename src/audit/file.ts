import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Call } from '../call.ts';
import { badInput } from '../errors.ts';
import type { AuditAnchor, AuditEntry, AuditLog } from '../stores/audit/audit-log.ts';
import type { Audit } from './audit.ts';
import { canonicalJson } from './canonical.ts';
import { anchorAt, codingKey } from './chain.ts';
import type { AuditRecord } from './record.ts';

// A file of records: JSON lines. The first one says behind what it begins (`after`, null for the first record of all),
// each other has a record, its code and, where it is there, the text of its arguments.

/** Records that are read at once. */
const pageSize = 5_000;

/** When a record was made, ms since the epoch. */
export const timeOf = ({ text }: AuditEntry): number => Date.parse((JSON.parse(text) as AuditRecord).time);

/** The records of the log from a number on, in pieces: the next one is read while one is worked on. */
export async function* entriesFrom(
  log: AuditLog,
  from: number,
  call: Call,
): AsyncGenerator<readonly AuditEntry[]> {
  const read = (next: number): Promise<readonly AuditEntry[]> => {
    const page = log.read(next, pageSize, call);
    // Whoever stops in the middle does not wait for it.
    page.catch(() => {});
    return page;
  };
  for (let page = await read(from); page.length > 0; ) {
    const coming = read((page.at(-1)?.seq ?? from) + 1);
    yield page;
    page = await coming;
  }
}

/**
 * Behind what an export begins: what the chain does, or the last record before a moment, which is signed so that the
 * export can be verified by itself.
 * @throws HydrogenError `unavailable` where there is no key to sign it with
 */
export async function startOf(
  { log, keys }: Pick<Audit, 'log' | 'keys'>,
  since: number | undefined,
  call: Call,
): Promise<AuditAnchor | undefined> {
  const { anchor } = await log.end(call);
  if (since === undefined) return anchor;
  let last: AuditEntry | undefined;
  for await (const page of entriesFrom(log, 1, call)) {
    const end = page.findIndex((entry) => timeOf(entry) >= since);
    last = (end < 0 ? page.at(-1) : page[end - 1]) ?? last;
    if (end >= 0) break;
  }
  return last ? anchorAt(last, codingKey(keys), 'export') : anchor;
}

export const headerLine = (after: AuditAnchor | undefined): string =>
  `{"after":${canonicalJson(after ?? null)}}\n`;

export const entryLine = ({ code, text, argumentsText }: AuditEntry): string => {
  const beside = argumentsText === undefined ? '' : `"argumentsText":${JSON.stringify(argumentsText)},`;
  return `{${beside}"code":"${code}","record":${text}}\n`;
};

interface AuditFile {
  /** Undefined where it begins with the first record of all. */
  readonly anchor: AuditAnchor | undefined;
  readonly entries: AsyncIterable<readonly AuditEntry[]>;
}

interface Line {
  readonly after?: AuditAnchor | null;
  readonly code?: unknown;
  readonly record?: unknown;
  readonly argumentsText?: unknown;
}

function lineIn(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A line that is no record any more keeps its place, so that it is found. */
function entryIn(text: string, seq: number): AuditEntry {
  const { code, record, argumentsText } = lineIn(text) ?? {};
  if (typeof code !== 'string') return { seq, code: '', text: '' };
  if (argumentsText === undefined) return { seq, code, text: canonicalJson(record) };
  // What is no text was altered: as JSON, it has another digest than any text that was ever recorded of these arguments.
  const beside = {
    argumentsText: typeof argumentsText === 'string' ? argumentsText : JSON.stringify([argumentsText]),
  };
  return { seq, code, text: canonicalJson(record), ...beside };
}

async function* entriesIn(
  lines: AsyncIterator<string>,
  after: number,
): AsyncGenerator<readonly AuditEntry[]> {
  let page: AuditEntry[] = [];
  let seq = after;
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    if (line.value === '') continue;
    const entry = entryIn(line.value, seq + 1);
    const { seq: own } = (lineIn(entry.text) ?? {}) as { seq?: unknown };
    // A line that is missing leaves a gap, one that was moved stands at a number of its own.
    seq = typeof own === 'number' ? own : seq + 1;
    page.push({ ...entry, seq });
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** A file of records. @throws HydrogenError `bad_input` for what is none */
export async function openAuditFile(path: string): Promise<AuditFile> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  const header = first.done ? undefined : lineIn(first.value);
  if (!header || header.after === undefined) {
    lines.close();
    throw badInput('This is no file of audit records: its first line has no "after".');
  }
  const anchor = header.after ?? undefined;
  return { anchor, entries: entriesIn(iterator, anchor?.seq ?? 0) };
}
