import { once } from 'node:events';
import type { Progress } from '../call.ts';
import { countOf, printable, progressLines } from './progress-lines.ts';

let reader: 'unknown' | 'watched' = 'unknown';

function watchReader(): void {
  if (reader === 'watched') return;
  reader = 'watched';
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    // The reader has seen enough (`| head`): not a failure.
    process.exit();
  });
}

/** What the command line says of itself, such as its help, as it is. */
export function writeHelp(text: string): void {
  watchReader();
  process.stdout.write(text);
}

/** The result of a command. It is written after everything is closed, so that the process can simply exit. */
export function write(text: string): void {
  watchReader();
  process.stdout.write(`${text}\n`);
}

/** A piece of a long result, while it is produced; waits for the reader. */
export async function writeText(text: string): Promise<void> {
  watchReader();
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** For people: everything but the result goes to stderr, so that a pipe gets only the result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export interface ProgressBar {
  readonly show: (progress: Progress) => void;
  readonly stop: () => void;
}

/**
 * A bar on stderr if that is a terminal, otherwise few lines.
 * @param isForPeople false where stderr is a log that programs read
 */
export async function progressBar(label: string, isForPeople: boolean): Promise<ProgressBar> {
  if (!process.stderr.isTTY) return { show: isForPeople ? progressLines(label, note) : () => {}, stop() {} };
  // A CommonJS package: once bundled, its exports are on `default` only.
  const { Presets, SingleBar } = (await import('cli-progress')).default;
  const format = `${label} {bar} {count} {message}`;
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.rect);
  let started = false;
  return {
    show(progress) {
      const { done, total, message = '' } = progress;
      const payload = { message: printable(message), count: countOf(progress) };
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
