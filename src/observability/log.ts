import { type Logger, pino } from 'pino';
import { withoutCredentials } from './redact.ts';

export type { Logger } from 'pino';
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What may wait for a reader of stderr, bytes: a client that does not read it must not stop the server. */
const maxPendingBytes = 1_000_000;

const ignore = (): void => {};

function write(line: string): void {
  const { stderr } = process;
  // Nobody is left to tell when stderr is gone.
  if (!stderr.listeners('error').includes(ignore)) stderr.on('error', ignore);
  if (stderr.writableLength < maxPendingBytes) stderr.write(withoutCredentials(line));
}

/**
 * A logger that writes JSON lines to stderr: stdout belongs to the protocol on stdio. Lines that nobody reads are
 * left out, and so are credentials in URLs.
 */
export function createLog(level: LogLevel): Logger {
  return pino({ level, base: { pid: process.pid } }, { write });
}
