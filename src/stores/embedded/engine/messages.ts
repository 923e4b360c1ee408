import type { Progress } from '../../../call.ts';
import { type ErrorParts, HydrogenError } from '../../../errors.ts';
import type { Lane } from './operations.ts';

/** The data a store thread is started with. */
export interface ThreadData {
  readonly file: string;
  readonly lane: Lane;
  /**
   * Two numbers: anything but 0 in the first cancels the current job; the second reports a match of a regular
   * expression (`StoreProgram.reportMatches`).
   */
  readonly shared: Int32Array;
  /** Which thread may have a large heap (`large-turn.ts`). */
  readonly largeTurn: Int32Array;
}

/** The request, for the write lane, that creates the file or migrates it to this program's format. */
export const openRequest = 'open';

/** Sent before the reply to a request: the thread's heap has grown so large that a fresh thread should replace it. */
export const heavyMessage = 'heavy';

/** A job was not done, because the file at the path is not the one that is open, or is not in this program's format. */
export const filesMoved = new HydrogenError(
  'unavailable',
  'The store file keeps being replaced. Nothing was changed; try again when that has stopped.',
);

export interface Request {
  readonly name: string;
  readonly args: readonly unknown[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface ThreadError extends ErrorParts {
  /** For the log only. */
  readonly stack?: string;
}

export type ThreadReply =
  | { readonly progress: Progress }
  | { readonly result: unknown }
  /** The job ended with `filesMoved`. */
  | { readonly moved: true }
  | { readonly error: ThreadError };

/** The messages of a thread once it is ready. */
export type FromThread = ThreadReply | typeof heavyMessage;
