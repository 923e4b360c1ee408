import { HydrogenError } from '../../../errors.ts';

/** What a caller is told whose job was stopped. */
export const stopped = {
  cancelled: () => new HydrogenError('cancelled', 'The call was cancelled.'),
  timeout: () =>
    // What to do about it depends on what it was for: whoever asked adds that (`lateAdvice` of a tool).
    new HydrogenError('timeout', 'The call took longer than its time limit and was stopped.'),
  match: () =>
    new HydrogenError(
      'timeout',
      'A regular expression took too long on a single text and was stopped: it can match in too many ways. Do not repeat what is repeated already, as in (a+)+ or (a|ab)*, do not put many .* in a row, and begin with ^ where that is meant.',
    ),
};
