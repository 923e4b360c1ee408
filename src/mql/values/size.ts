import { HydrogenError } from '../../errors.ts';
import type { Limits } from '../types.ts';
import { isDocument } from './fields.ts';

/** About how many bytes a value takes in memory: for caps, not for billing. */
export function approximateSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return 24 + value.length;
    case 'object':
      break;
    default:
      return 8;
  }
  if (value === null) return 8;
  if (Array.isArray(value)) {
    let size = 24;
    for (const item of value) size += 8 + approximateSize(item);
    return size;
  }
  if (isDocument(value)) {
    let size = 40;
    for (const name in value) size += 16 + approximateSize(value[name]);
    return size;
  }
  return 48 + ((value as { byteLength?: number; position?: number }).byteLength ?? 0);
}

/** Counts what one stage keeps in memory. */
export interface Budget {
  /** @throws HydrogenError too_large when the stage holds more than the limit */
  add(bytes: number): void;
}

export function createBudget(stage: string, limits: Limits): Budget {
  let used = 0;
  return {
    add(bytes) {
      used += bytes;
      if (used > limits.maxBytes) {
        const cap = Math.max(1, Math.round(limits.maxBytes / 1048576));
        throw new HydrogenError(
          'too_large',
          `${stage} needs more than ${cap} MiB of memory. Put a $match, $project or $limit before it, so that less reaches it.`,
        );
      }
    },
  };
}
