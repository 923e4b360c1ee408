/** Of each document, since what is constant is computed once. */
const one = { $ifNull: ['$absent', 1] };

const steps = (count: number, depth: number): Record<string, unknown> => ({
  $reduce: {
    input: { $range: [0, count] },
    initialValue: 0,
    in: depth === 0 ? one : steps(count, depth - 1),
  },
});

/** A filter that takes for ever on one document: its thread cannot notice that the call is over. */
export const endlessFilter = { $expr: { $eq: [steps(10_000, 4), 0] } };

/** A filter that matches, and takes some tens of milliseconds for it without a look at the time. */
export const slowFilter = { $expr: { $eq: [steps(1_000, 1), 1] } };
