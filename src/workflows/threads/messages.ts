import type { ErrorParts } from '../../errors.ts';
import type { endMessage } from '../../workers/handle.ts';

export type JobRequest = { readonly job: unknown } | typeof endMessage;

/** A reply from a thread that is ready. */
export type JobReply = { readonly result: unknown } | { readonly error: ErrorParts };
