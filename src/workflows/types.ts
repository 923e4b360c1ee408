import type { Call } from '../call.ts';
import type { RunError, RunState, StepState } from '../stores/journal/types.ts';
import type { LineAndColumn } from './definitions/located.ts';

/** A definition that can be run, or the reason why it cannot. */
export interface WorkflowEntry {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of the input, when the definition has one. */
  readonly input?: unknown;
  /** Why it cannot be run: location (JSON pointer) and reason, one line. */
  readonly problem?: string;
  /** The name of the file that has the problem. */
  readonly file?: string;
}

/** What is wrong with the text of a definition. */
export interface DefinitionProblem extends LineAndColumn {
  /** JSON pointer and reason, one line. */
  readonly problem: string;
}

export interface RunStep {
  /** The task's location in the definition, with loop iterations: `/do/2/each/for[3]/do/0/query`. */
  readonly reference: string;
  readonly name: string;
  readonly kind: string;
  readonly state: StepState;
  readonly startedAt: string;
  readonly finishedAt?: string;
  /** Number of starts; more than one after a crash inside it, for a task that has no tasks in it. */
  readonly attempts: number;
  /** What the answer to its call said of itself, such as why it found nothing. */
  readonly note?: string;
  /** Why it faulted, which may have been caught. */
  readonly error?: RunError;
}

export interface Run {
  readonly id: string;
  readonly workflow: string;
  readonly version: string;
  readonly state: RunState;
  readonly createdAt: string;
  readonly finishedAt?: string;
  /** A run that waits for a time goes on by itself then; its state is `pending`. */
  readonly suspendedUntil?: string;
  readonly input: unknown;
  readonly output?: unknown;
  /** Why it faulted, in the DSL's error model. */
  readonly error?: RunError;
  readonly steps: readonly RunStep[];
}

/** The functions that a workflow may call: this server's own tools, on behalf of the run's caller. */
export interface WorkflowFunctions {
  readonly names: readonly string[];
  /** What is wrong with the names of arguments, without their values: unknown ones, and those that are missing. */
  argumentFaults?(name: string, given: readonly string[]): readonly string[];
  /**
   * Returns plain JSON; `tell` hears what the answer says of itself, such as why it is empty.
   * @throws HydrogenError as the tool does.
   */
  call(name: string, args: unknown, call: Call, tell?: (note: string) => void): Promise<unknown>;
}

export interface StartRequest {
  readonly workflow: string;
  readonly input: unknown;
  readonly idempotencyKey?: string;
}

/** Definitions and durable runs. Every method stops when its call does; a run does not, unless it is cancelled. */
export interface Workflows {
  list(call: Call): Promise<readonly WorkflowEntry[]>;
  /** What keeps a text from being a definition that can be run, wherever it comes from; empty where nothing does. */
  check(text: string, call: Call): Promise<readonly DefinitionProblem[]>;
  /**
   * Acknowledges a run once it is journaled, and executes it in the background as the call's caller. Repeating an
   * idempotency key returns the caller's existing run.
   * @throws HydrogenError `not_found` with similar names, `bad_input` for an invalid input.
   */
  start(request: StartRequest, call: Call): Promise<Run>;
  /**
   * Starts a run and waits for it, as `start` and `wait`. Cancelling the call cancels the run, which the caller has no
   * other handle on, unless another call started it. When the journal cannot be read for the rest of the call, the run
   * is returned as acknowledged. `started` is told the id once the run is in the journal.
   */
  startAndWait(
    request: StartRequest,
    waitMs: number,
    call: Call,
    started?: (id: string) => void,
  ): Promise<Run>;
  /**
   * The run once it has ended, or its state after `waitMs`, at once where it is suspended for longer; reports progress in
   * the meantime.
   */
  wait(id: string, waitMs: number, call: Call): Promise<Run>;
  /** @throws HydrogenError `not_found`. */
  get(id: string, call: Call): Promise<Run>;
  /** The caller's runs, or all runs for the owner, newest first; without steps and outputs. */
  recent(limit: number, call: Call): Promise<readonly Run[]>;
  /**
   * Stops a run at once, even inside a step; in another process within its heartbeat. @throws HydrogenError
   * `not_found`.
   */
  cancel(id: string, call: Call): Promise<Run>;
  /** Resumes runs left behind by a stopped process (their lease expired), now and periodically. */
  recover(): void;
  /** Looks for runs to execute now. @returns false where there are some that this process has no room for */
  takeUp(): Promise<boolean>;
  status(call: Call): Promise<{
    readonly definitions: number;
    readonly problems: readonly string[];
    readonly running: number;
    /** Runs that wait for a time, or for a process that executes them. */
    readonly waiting: number;
  }>;
  /** Waits for the step that is being journaled; unfinished runs continue at the next start. */
  close(): Promise<void>;
}
