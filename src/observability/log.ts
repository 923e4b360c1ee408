import { type Logger, pino } from 'pino';
import { withoutCredentials } from './redact.ts';

export type { Logger } from 'pino';
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Bytes that may be pending on stderr: a client that does not read it must not stall the server. */
const maxPendingBytes = 1_000_000;

const ignore = (): void => {};

function write(line: string): void {
  const { stderr } = process;
  // When stderr is closed, there is nowhere left to report it.
  if (!stderr.listeners('error').includes(ignore)) stderr.on('error', ignore);
  if (stderr.writableLength < maxPendingBytes) stderr.write(withoutCredentials(line));
}

/**
 * A logger that writes JSON lines to stderr: on stdio, stdout belongs to the protocol. Drops lines that nobody reads,
 * and removes credentials from URLs.
 */
export function createLog(level: LogLevel): Logger {
  return pino({ level, base: { pid: process.pid } }, { write });
}
