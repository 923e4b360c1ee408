import type { Progress } from '../call.ts';

export function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** For people: what is not the result goes to stderr, so that a pipe gets the result alone. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export interface ProgressBar {
  readonly show: (progress: Progress) => void;
  readonly stop: () => void;
}

/** A bar on stderr where that is a terminal, nothing in a pipe. */
export async function progressBar(label: string): Promise<ProgressBar> {
  if (!process.stderr.isTTY) return { show() {}, stop() {} };
  const { Presets, SingleBar } = await import('cli-progress');
  const format = `${label} {bar} {value}/{total} {message}`;
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.rect);
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
