import { type Logger, pino } from 'pino';
import { withoutCredentials } from './redact.ts';
import { requestContext } from './request-context.ts';

export type { Logger } from 'pino';
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Bytes that may be pending on stderr: a client that does not read it must not stall the server. */
const maxPendingBytes = 1_000_000;

/** Lines are collected for so long, ms: under load, writing each by itself takes longer than making it. */
const collectMs = 20;

const ignore = (): void => {};
const collected: string[] = [];
let isCollecting = false;

/** Writes what was logged last; to be called before an end that nothing else is told of. */
export function writeLog(): void {
  const { stderr } = process;
  isCollecting = false;
  const lines = collected.splice(0).join('');
  if (lines !== '' && stderr.writableLength < maxPendingBytes) stderr.write(lines);
}

function write(line: string): void {
  collected.push(withoutCredentials(line));
  if (isCollecting) return;
  isCollecting = true;
  const { stderr } = process;
  // When stderr is closed, there is nowhere left to report it.
  if (!stderr.listeners('error').includes(ignore)) stderr.on('error', ignore);
  if (!process.listeners('exit').includes(writeLog)) process.on('exit', writeLog);
  setTimeout(writeLog, collectMs).unref();
}

interface Entry {
  readonly level: number;
  readonly time: number;
  readonly pid: number;
  readonly msg?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
}

/** From this level on an error is ours, and where it happened matters. */
const failed = pino.levels.values['error'] ?? 50;

/** A line as a person reads it: `warn: a folder cannot be read: ENOENT … (folder: "x")`. */
function asText(line: string): string {
  const { level, time: _, pid: _pid, msg = '', err, ...others } = JSON.parse(line) as Entry;
  const what = err && (level >= failed ? err.stack : err.message);
  const details = Object.entries(others).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const end = details.length === 0 ? '' : ` (${details.join(', ')})`;
  return `${pino.levels.labels[level]}: ${[msg, what].filter(Boolean).join(': ')}${end}\n`;
}

/**
 * A logger that writes to stderr: on stdio, stdout belongs to the protocol. Drops lines that nobody reads, and removes
 * credentials from URLs.
 * @param form JSON lines, or text for the person who gave a command
 * @param to takes a line
 */
export function createLog(level: LogLevel, form: 'json' | 'text' = 'json', to = write): Logger {
  const writeText = (line: string): void => to(asText(line));
  const { logged: mixin } = requestContext;
  return pino({ level, base: { pid: process.pid }, mixin }, { write: form === 'text' ? writeText : to });
}
