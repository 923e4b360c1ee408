import { type ErrorParts, HydrogenError } from '../../../errors.ts';
import type { Lane } from './operations.ts';

/** What a store thread is started with. */
export interface ThreadData {
  readonly file: string;
  readonly lane: Lane;
  /**
   * Two numbers: anything but 0 in the first cancels the job that runs; the second tells of a match of a regular
   * expression (`StoreProgram.reportMatches`).
   */
  readonly shared: Int32Array;
  /** Whose turn it is to have a large heap (`large-turn.ts`). */
  readonly largeTurn: Int32Array;
}

/** The request, for the write lane, that creates the file or brings it to this program's format. */
export const openRequest = 'open';

/** Sent before the reply to a request: the thread's heap has grown so large that a fresh one should take its place. */
export const heavyMessage = 'heavy';

/** A job was not done, since the file at the path is not the one that is open, or not in this program's format. */
export const filesMoved = new HydrogenError(
  'unavailable',
  'The store file is being replaced again and again. Nothing was changed; try again when that has ended.',
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
  | { readonly progress: { done: number; total?: number; message?: string } }
  | { readonly result: unknown }
  /** The job ended with `filesMoved`. */
  | { readonly moved: true }
  | { readonly error: ThreadError };

/** What a thread says once it is ready. */
export type FromThread = ThreadReply | typeof heavyMessage;
