import type { ErrorParts } from '../../errors.ts';

export type JobRequest = { readonly job: unknown } | { readonly end: true };

export type JobReply =
  | { readonly ready: true }
  | { readonly result: unknown }
  | { readonly error: ErrorParts };
