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

/** JSON lines, or text for the person who gave a command. */
type Form = 'json' | 'text';

const ignore = (): void => {};
const collected: { readonly line: string; readonly form: Form }[] = [];
let isCollecting = false;
/** Lines for which there was no room, which nobody was told of yet, and in which form they were. */
let dropped = 0;
let droppedForm: Form = 'json';

function droppedLine(): string {
  const msg = 'log lines were dropped, since nobody read stderr';
  const [level, count] = [pino.levels.values['warn'], dropped];
  const line = JSON.stringify({ level, time: Date.now(), pid: process.pid, dropped: count, msg });
  return droppedForm === 'text' ? asText(line) : `${line}\n`;
}

/** Writes what was logged last; to be called before an end that nothing else is told of. */
export function writeLog(): void {
  const { stderr } = process;
  isCollecting = false;
  // Where nothing is pending, somebody reads, and may be told as much at once as there is.
  const pending = stderr.writableLength;
  let room = pending === 0 ? Number.POSITIVE_INFINITY : maxPendingBytes - pending;
  const lines: string[] = [];
  const take = (line: string): void => {
    lines.push(line);
    room -= Buffer.byteLength(line);
  };
  if (dropped > 0 && room > 0) {
    take(droppedLine());
    dropped = 0;
  }
  for (const { line, form } of collected.splice(0)) {
    if (dropped === 0 && room > 0) take(line);
    else {
      dropped++;
      droppedForm = form;
    }
  }
  if (lines.length > 0) stderr.write(lines.join(''));
}

function write(line: string, form: Form): void {
  collected.push({ line: withoutCredentials(line), form });
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
 * A logger that writes to stderr: on stdio, stdout belongs to the protocol. Drops lines that nobody reads, says later how many
 * these were, and removes credentials from URLs.
 * @param to takes a line
 */
export function createLog(level: LogLevel, form: Form = 'json', to = write): Logger {
  const { logged: mixin } = requestContext;
  const stream = { write: (line: string): void => to(form === 'text' ? asText(line) : line, form) };
  return pino({ level, base: { pid: process.pid }, mixin }, stream);
}
