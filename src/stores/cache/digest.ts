import { createHash } from 'node:crypto';
import type { CacheKey } from './cache.ts';

const digestOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** The name of a value: texts and names of the caller's do not show in it. */
export const nameOf = ({ kind, parts }: CacheKey): string => `${kind}:${digestOf(parts)}`;

export const nameOfTag = (tag: string): string => digestOf([tag]);
