/** What to do about a change that is too large. */
export const inParts = {
  change: 'Narrow the filter and make the change in parts.',
  drop: 'Delete its documents in parts first (delete with many), then drop it.',
} as const;
