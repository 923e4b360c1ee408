import type { ErrorCode } from '../../errors.ts';
import type { Lane } from './operation.ts';

/** What a store thread is started with. */
export interface ThreadData {
  readonly file: string;
  readonly lane: Lane;
}

/** The request that only opens the file, makes its tables and takes no lock when they are there. */
export const openRequest = 'open';

/** Tells a thread to close its connection and end. */
export const endRequest = 'end';

export interface Request {
  readonly id: number;
  readonly name: string;
  readonly args: unknown;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** One Int32; anything but 0 means cancelled. */
  readonly cancelled: SharedArrayBuffer;
}

export interface ThreadError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly near: readonly string[];
  /** For the log only. */
  readonly stack?: string;
}

export type Reply =
  | { readonly id: number; readonly progress: { done: number; total?: number; message?: string } }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ThreadError };
