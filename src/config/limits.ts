import { z } from 'zod';

export const positive = z.int().min(1);

/** What one caller may use of an operation; absent: no limit at this machine, the usual ones for others. */
const operationLimits = z.strictObject({
  callsPerMinute: positive.optional().describe('Calls a minute. Usual: 6,000.'),
  callsAtOnce: positive.optional().describe('Calls under way at once, on each node. Usual: 32.'),
  rowsPerHour: positive.optional().describe('Rows, passages and documents an hour that are read or changed.'),
  bytesPerHour: positive.optional().describe('Bytes of text in answers an hour.'),
});

const limitsByOperation = {
  read: operationLimits.optional(),
  ingest: operationLimits.optional(),
  run: operationLimits.optional(),
  write: operationLimits.optional(),
  destroy: operationLimits.optional(),
};

/** `operationLimits` for each operation, and what is counted over all of them. */
export const limits = z.strictObject({
  requestsPerMinute: positive
    .optional()
    .describe('HTTP requests of one caller a minute, whatever they ask. Usual: 12,000.'),
  refusedPerMinute: positive
    .optional()
    .describe(
      'HTTP requests of one address a minute that are refused since nobody known sent them. Usual: 300.',
    ),
  exportBytes: z
    .int()
    .min(4_096)
    .optional()
    .describe(
      'Bytes of exports behind links that one caller may have at once, in all processes. Usual: 256,000,000.',
    ),
  callsInAll: positive.optional().describe('Calls of all callers under way at once. Usual: 512.'),
  ...limitsByOperation,
  roles: z
    .record(z.string().min(1), z.strictObject(limitsByOperation))
    .optional()
    .describe('The same by operation for callers with a role; of several roles the most generous.'),
});
