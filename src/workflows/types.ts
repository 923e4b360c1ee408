import type { Call } from '../call.ts';
import type { RunError, RunState, StepState } from '../stores/journal/types.ts';

/** A definition that may be run, or that could not be loaded and why. */
export interface WorkflowEntry {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of the input, when the definition has one. */
  readonly input?: unknown;
  /** Why it cannot be run: the place (JSON pointer) and the reason, one line. */
  readonly problem?: string;
  /** The name of the file that has the problem. */
  readonly file?: string;
}

export interface RunStep {
  /** Where the task stands in the definition, with the iteration of loops: `/do/2/each/for[3]/do/0/query`. */
  readonly reference: string;
  readonly name: string;
  readonly kind: string;
  readonly state: StepState;
  readonly startedAt: string;
  readonly finishedAt?: string;
  /** How often it was started; more than once after a crash inside it. */
  readonly attempts: number;
}

export interface Run {
  readonly id: string;
  readonly workflow: string;
  readonly version: string;
  readonly state: RunState;
  readonly createdAt: string;
  readonly finishedAt?: string;
  readonly input: unknown;
  readonly output?: unknown;
  /** Why it faulted, in the DSL's error model. */
  readonly error?: RunError;
  readonly steps: readonly RunStep[];
}

/** What a workflow may call: this server's own tools, under the run's caller. */
export interface WorkflowFunctions {
  readonly names: readonly string[];
  /** Returns plain JSON. @throws HydrogenError as the tool does. */
  call(name: string, args: unknown, call: Call): Promise<unknown>;
}

export interface StartRequest {
  readonly workflow: string;
  readonly input: unknown;
  readonly idempotencyKey?: string;
}

/** Definitions and durable runs. Every method stops with its call; a run does not, unless it is cancelled. */
export interface Workflows {
  list(call: Call): Promise<readonly WorkflowEntry[]>;
  /**
   * Acknowledges a run once it is journaled, and executes it in the background as the call's caller. The
   * same idempotency key of the same caller returns the run that is there.
   * @throws HydrogenError `not_found` with similar names, `bad_input` for an input that does not fit.
   */
  start(request: StartRequest, call: Call): Promise<Run>;
  /**
   * Starts a run and waits for it, as `start` and `wait`. A caller who cancels the call has no other hold on
   * the run, which is cancelled with it, unless another call has started it. When the journal cannot be read
   * for the rest of the call, the run is given as it was acknowledged.
   */
  startAndWait(request: StartRequest, waitMs: number, call: Call): Promise<Run>;
  /** The run as it stands when it has ended or after `waitMs`, with progress notices meanwhile. */
  wait(id: string, waitMs: number, call: Call): Promise<Run>;
  /** @throws HydrogenError `not_found`. */
  get(id: string, call: Call): Promise<Run>;
  /** The newest runs of the call's caller first, all runs for the owner; without steps and outputs. */
  recent(limit: number, call: Call): Promise<readonly Run[]>;
  /** Stops a run at once, also inside a step; in another process within its heartbeat. @throws HydrogenError `not_found`. */
  cancel(id: string, call: Call): Promise<Run>;
  /** Takes up runs that a stopped process left behind (their lease ran out), now and from time to time. */
  recover(): void;
  status(call: Call): Promise<{
    readonly definitions: number;
    readonly problems: readonly string[];
    readonly running: number;
  }>;
  /** Waits until the step that is being journaled is journaled; what is not done goes on at the next start. */
  close(): Promise<void>;
}
