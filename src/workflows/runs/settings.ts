/** How runs are executed. Times in ms. */
export interface RunSettings {
  /** How long a process may be silent before another takes its runs. */
  readonly leaseMs: number;
  /** How often leases are renewed and left runs looked for. */
  readonly heartbeatMs: number;
  /** How often left runs are looked for while there are none, so that the store's threads may rest. */
  readonly quietMs: number;
  /** How many runs this process executes at once. */
  readonly maxConcurrent: number;
  /** A run whose process ended this often in the same step faults. */
  readonly maxCrashes: number;
  readonly maxSteps: number;
  /** In bytes, of one step's output as JSON. */
  readonly maxResultBytes: number;
  /** How long a called function may take. */
  readonly functionMs: number;
  /** How long the expressions of a task may compute. */
  readonly expressionMs: number;
}

export const defaultRunSettings: RunSettings = {
  leaseMs: 15_000,
  heartbeatMs: 5_000,
  quietMs: 60_000,
  maxConcurrent: 4,
  maxCrashes: 5,
  maxSteps: 10_000,
  maxResultBytes: 1024 * 1024,
  functionMs: 60_000,
  expressionMs: 2_000,
};
