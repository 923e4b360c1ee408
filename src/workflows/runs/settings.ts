/** How runs are executed. Times in ms. */
export interface RunSettings {
  /** How long a process may be silent before another takes over its runs. */
  readonly leaseMs: number;
  /** How often to renew leases and check for abandoned runs. */
  readonly heartbeatMs: number;
  /** How often to check while there are no runs, so that the store's threads can go idle. */
  readonly quietMs: number;
  /** Maximum runs that this process executes concurrently. */
  readonly maxConcurrent: number;
  /** A run faults after its process ended this many times in the same step. */
  readonly maxCrashes: number;
  /** Functions that branches of one run call at the same time. */
  readonly maxCalls: number;
  readonly maxSteps: number;
  /** In bytes, of one step's output as JSON. */
  readonly maxResultBytes: number;
  /** Time limit of a function call. */
  readonly functionMs: number;
  /** Computing time for the expressions of a task. */
  readonly expressionMs: number;
}

export const defaultRunSettings: RunSettings = {
  leaseMs: 15_000,
  heartbeatMs: 5_000,
  quietMs: 60_000,
  maxConcurrent: 4,
  maxCrashes: 5,
  maxCalls: 8,
  maxSteps: 10_000,
  maxResultBytes: 1024 * 1024,
  functionMs: 60_000,
  expressionMs: 2_000,
};
