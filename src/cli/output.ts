import { Presets, SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import type { Progress } from '../call.ts';

/** Longest text of a table cell, characters. */
const maxCell = 48;

export function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** For people: what is not the result goes to stderr, so that a pipe gets the result alone. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function cell(value: unknown): string {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.replace(/\s+/g, ' ');
  return line.length > maxCell ? `${line.slice(0, maxCell - 1)}…` : line;
}

/** Rows as a table whose columns are the fields in the order they first occur. */
export function table(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const made = new Table({ head: columns, style: { head: [], border: [], compact: true } });
  for (const row of rows) made.push(columns.map((column) => cell(row[column])));
  return made.toString();
}

export interface ProgressBar {
  readonly show: (progress: Progress) => void;
  readonly stop: () => void;
}

/** A bar on stderr where that is a terminal, nothing in a pipe. */
export function progressBar(label: string): ProgressBar {
  if (!process.stderr.isTTY) return { show() {}, stop() {} };
  const bar = new SingleBar(
    {
      format: `${label} {bar} {value}/{total} {message}`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: false,
    },
    Presets.rect,
  );
  let started = false;
  return {
    show({ done, total, message }) {
      const payload = { message: message ?? '' };
      if (!started) bar.start(total ?? done, done, payload);
      started = true;
      bar.setTotal(Math.max(total ?? done, 1));
      bar.update(done, payload);
    },
    stop() {
      if (started) bar.stop();
    },
  };
}
