import type { Progress } from '../call.ts';

/** A command that takes less is told of by its result alone, ms. */
const firstAfterMs = 5_000;
/** Each line comes after twice the time of the last, so that a log of an hour has some ten, and a long run one every so often, ms. */
const longestPauseMs = 600_000;

const invisible = /\p{C}+/gu;

/** A message as it may be printed: a file's name may hold what a terminal would obey. */
export const printable = (message: string): string => message.replace(invisible, '\u{fffd}');

/** How much is done: a share of the work, or things counted. */
export const countOf = ({ done, total, unit }: Progress): string =>
  unit === '%' ? `${Math.floor(done)} %` : `${done}/${total ?? done}`;

/**
 * Progress for what is no terminal, such as the log of a nightly job: few lines, each whole.
 * @param now ms of a clock that does not jump
 */
export function progressLines(
  label: string,
  print: (line: string) => void,
  now: () => number = () => performance.now(),
): (progress: Progress) => void {
  let last = now();
  let pause = firstAfterMs;
  return (progress) => {
    if (now() - last < pause) return;
    last = now();
    pause = Math.min(pause * 2, longestPauseMs);
    print(`${label} ${countOf(progress)} ${printable(progress.message ?? '')}`.trimEnd());
  };
}
