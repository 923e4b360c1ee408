import type { Call } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import { tooManyOpenFiles } from '../../file-errors.ts';
import type { NewChunk } from '../../stores/index/types.ts';
import { processHandle, type WorkerEnd, type WorkerHandle } from '../../workers/handle.ts';
import { createPool } from '../../workers/pool.ts';
import { startProcess } from '../../workers/start.ts';
import { defaultMaxNumericRows } from './numeric-tables.ts';
import type { ParseMessage, ParseReply, ParseRequest } from './parse-messages.ts';

/** Reads one document at a time, in a child process that starts on first use and exits when idle. */
export interface Parser {
  /**
   * A document that crashes the process, or needs too much memory or time, is skipped with the reason.
   * @throws HydrogenError `cancelled`, `timeout`: when the call is over
   */
  parse(request: ParseRequest, call: Call): Promise<ParseReply>;
  close(): Promise<void>;
}

export interface ParserOptions {
  /** Memory of the whole process, MB, beyond which it is killed. Node itself takes 60. */
  readonly parseMemoryMb?: number;
  /** Time for one document, ms. */
  readonly parseTimeoutMs?: number;
  /** Rows of numbers beyond which a table is summed up; 0 for no limit. */
  readonly maxNumericRows?: number;
  /** Idle time after which the process exits, ms. */
  readonly idleMs?: number;
}

/** How long a process that was asked to exit may take, ms. */
const graceMs = 1_000;
const defaults = {
  parseMemoryMb: 270,
  parseTimeoutMs: 30_000,
  idleMs: 5_000,
  maxNumericRows: defaultMaxNumericRows,
};

interface Job {
  readonly request: ParseRequest;
  /** Chunks of a long document received so far. */
  readonly chunks: NewChunk[];
}

function whole(reply: ParseReply, before: readonly NewChunk[]): ParseReply {
  if (!('document' in reply) || before.length === 0) return reply;
  const { document } = reply;
  return { ...reply, document: { ...document, chunks: [...before, ...document.chunks] } };
}

function notStarted(cause: unknown): HydrogenError {
  const message =
    tooManyOpenFiles(cause) ??
    'The process that reads files did not start: the machine may be low on memory or processes. Close some programs and try again.';
  return new HydrogenError('unavailable', message, { cause });
}

function start(megabytes: number): WorkerHandle<ParseMessage> {
  try {
    const limits = { heapMegabytes: Math.ceil(megabytes * 0.57) };
    const maxBytes = String(megabytes * 1_000_000);
    return processHandle(startProcess(new URL('./parse-process.ts', import.meta.url), [maxBytes], limits));
  } catch (error) {
    // Without file descriptors for its pipes, the process is not even spawned.
    throw notStarted(error);
  }
}

/** The watchdog and the kernel send SIGKILL; V8 aborts when its heap is full. */
const signalsOfSize: ReadonlySet<unknown> = new Set(['SIGKILL', 'SIGABRT', 'SIGTRAP']);

/**
 * Windows has no signals. What the watchdog ends exits with 1, as nothing else in that process does; V8 ends with the code of
 * an abort (134), of a trap or of its own for a lack of memory, and the system with that of none left.
 */
const codesOfSize: ReadonlySet<unknown> = new Set([1, 134, 0x80000003, 0xc0000017, 0xe0000008]);

/** Whether the process that reads files ended because it took too much memory. */
export function wasTooLarge(
  { code, signal }: Pick<WorkerEnd, 'code' | 'signal'>,
  hasSignals = process.platform !== 'win32',
): boolean {
  return signalsOfSize.has(signal) || (!hasSignals && codesOfSize.has(code));
}

export function createParser(options: ParserOptions = {}): Parser {
  const { parseMemoryMb, parseTimeoutMs, idleMs, maxNumericRows } = { ...defaults, ...options };
  const skipped = (reason: string, keep = false): ParseReply => ({ skipped: reason, keep });

  function reasonOf(end: WorkerEnd): string {
    return wasTooLarge(end)
      ? `needs too much memory to read (more than ${parseMemoryMb} MB)`
      : 'could not be parsed: it crashed the parser';
  }

  const pool = createPool<Job, ParseMessage, ParseReply>({
    start: () => start(parseMemoryMb),
    idleMs,
    graceMs,
    begin: ({ job, worker }) => worker.post({ maxNumericRows, ...job.request }),
    computes({ after, kill, resolve }) {
      after(parseTimeoutMs, () => {
        kill();
        resolve(skipped(`takes too long to read (more than ${parseTimeoutMs / 1_000} s)`));
      });
    },
    receive(message, { job, resolve }) {
      if ('chunks' in message) job.chunks.push(...message.chunks);
      else resolve(whole(message, job.chunks));
    },
    lost({ resolve, reject }, end, isReady) {
      if (!isReady) return reject(notStarted(end.cause));
      const full = tooManyOpenFiles();
      resolve(full === undefined ? skipped(reasonOf(end)) : skipped(`not read: ${full}`, true));
    },
  });

  return {
    parse: (request, call) => pool.run({ request, chunks: [] }, call),
    close: () => pool.close(),
  };
}
