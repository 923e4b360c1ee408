import { getHeapStatistics } from 'node:v8';
import { HydrogenError } from '../../errors.ts';
import type { Limits } from '../types.ts';
import { isDocument } from './fields.ts';

/** The approximate memory size of a value in bytes, for limits. */
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

/** The heap is checked each time this many more bytes have been charged. */
const BETWEEN_LOOKS = 1024 * 1024;
/** Share of the heap that values may fill: a full heap in one thread crashes the whole process. */
const SHARE = 0.5;
const MOST = 256 * 1024 * 1024;
/** Larger heaps are rare; only one of several threads should have one at a time. */
const LARGE = 64 * 1024 * 1024;
let unseen = 0;
let beforeLarge: (() => void) | undefined;

/** From now on `wait` is called before this thread's heap grows large; it may block or throw. */
export function waitBeforeLarge(wait: () => void): void {
  beforeLarge = wait;
}

/**
 * Call before allocating. Budgets limit a single stage or operator; this limits all of them together.
 * @throws HydrogenError too_large
 */
function assertRoom(bytes: number, name: string): void {
  unseen += Math.max(0, bytes);
  if (unseen < BETWEEN_LOOKS) return;
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  if (used + unseen > LARGE) beforeLarge?.();
  if (used + unseen <= Math.min(SHARE * limit, MOST)) {
    unseen = 0;
    return;
  }
  unseen = 0;
  throw new HydrogenError(
    'too_large',
    `${name} needs more memory than there is. Process less at a time: fewer documents, smaller arrays and texts.`,
  );
}

/** Counts what one stage keeps in memory. */
export interface Budget {
  /** @param bytes negative when memory is released
   * @throws HydrogenError too_large if the stage holds more than the limit */
  add(bytes: number): void;
}

/** Charges for a single value that may be replaced. */
export function createHold(budget: Budget): (value: unknown) => void {
  let held = 0;
  return (value) => {
    const size = typeof value === 'object' || typeof value === 'string' ? approximateSize(value) : 0;
    if (size !== held) budget.add(size - held);
    held = size;
  };
}

/** @param advice what to do if more is needed; by default for a stage */
export function createBudget(
  stage: string,
  limits: Limits,
  advice = 'Put a $match, $project or $limit before it to reduce its input.',
): Budget {
  let used = 0;
  return {
    add(bytes) {
      used += bytes;
      assertRoom(bytes, stage);
      if (used > limits.maxBytes) {
        const cap = Math.max(1, Math.round(limits.maxBytes / 1048576));
        throw new HydrogenError('too_large', `${stage} needs more than ${cap} MiB of memory. ${advice}`);
      }
    },
  };
}
