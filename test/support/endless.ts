const steps = (depth: number): Record<string, unknown> => ({
  $reduce: { input: { $range: [0, 10_000] }, initialValue: 0, in: depth === 0 ? 1 : steps(depth - 1) },
});

/** A filter that takes for ever on one document: its thread cannot notice that the call is over. */
export const endlessFilter = { $expr: { $eq: [steps(4), 0] } };
