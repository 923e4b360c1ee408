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

/** The first message of a thread: its connection is open. */
export const readyMessage = 'ready';

/** Sent before the reply to a request: the thread's heap has grown so large that a fresh one should take its place. */
export const heavyMessage = 'heavy';

/** Tells a thread to close its connection and end. */
export const endRequest = 'end';

/** A job was not done, since the file at the path is not the one that is open, or not in this program's format. */
export const filesMoved = new HydrogenError(
  'unavailable',
  'The store file is being replaced again and again. Nothing was changed; try again when that has ended.',
);

export interface Request {
  readonly id: number;
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
  | { readonly id: number; readonly progress: { done: number; total?: number; message?: string } }
  | { readonly id: number; readonly result: unknown }
  /** The job ended with `filesMoved`. */
  | { readonly id: number; readonly moved: true }
  | { readonly id: number; readonly error: ThreadError };

/** What a thread says. */
export type FromThread = ThreadReply | typeof readyMessage | typeof heavyMessage;
