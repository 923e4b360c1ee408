import type { JournaledStep, StepWrite } from '../../stores/journal/types.ts';
import type { Definition, Task, TaskList } from '../definitions/dsl.ts';
import type { Variables } from '../expressions/evaluator.ts';
import type { RuntimeExpression } from '../expressions/expression.ts';
import type { Strands } from './strands.ts';

/** Hears of a call what the reader of its run should know. */
export interface CallReport {
  /** What the answer says of itself. */
  tell(note: string): void;
  /** Why the call could not be made yet; it is made again until `deadline`, in milliseconds since the epoch. */
  waits(reason: string, deadline: number): void;
}

/** What the interpreter needs to execute one run. */
export interface Execution {
  readonly id: string;
  readonly definition: Definition;
  /** The input, with the defaults of its schema. */
  readonly input: unknown;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Aborted when the run is cancelled, timed out, taken over by another process or to be resumed later. */
  readonly runSignal: AbortSignal;
  /** Aborted as well when the task is to end, or one that it is in. */
  readonly signal: AbortSignal;
  /** Steps that were journaled before the run was resumed, by reference. */
  readonly journaled: ReadonlyMap<string, JournaledStep>;
  /** Journals steps; the run continues once they are written. */
  record(steps: readonly StepWrite[]): Promise<void>;
  call(name: string, args: unknown, report: CallReport, signal: AbortSignal): Promise<unknown>;
  evaluate(
    expressions: readonly RuntimeExpression[],
    data: unknown,
    variables: Variables,
    signal: AbortSignal,
  ): Promise<unknown[]>;
  /** The value with the defaults of its schema. @throws HydrogenError `bad_input` when it is not valid */
  validate(schema: unknown, value: unknown, what: string, signal: AbortSignal): Promise<unknown>;
  readonly limits: {
    /** Maximum steps of a run. */
    readonly maxSteps: number;
    /** Maximum size of a step's result as JSON, in bytes. */
    readonly maxResultBytes: number;
  };
}

/** The mutable state of a run. */
interface RunProgress {
  /** Of a branch of its own, until it ends. */
  context: unknown;
  /** Steps that were begun, in all branches. */
  readonly count: { steps: number };
  readonly strands: Strands;
  /** Number of visits of each task, for the references of repeated visits. */
  readonly visits: Map<string, number>;
  /** Starts of composite tasks, written with the next step. */
  readonly started: StepWrite[];
}

/** Loop variables by name. */
type Locals = Readonly<Record<string, unknown>>;

/**
 * A task waits. The run is suspended, and resumed at this time, in milliseconds since the epoch: the task is then
 * performed again, with the same start, input and variables.
 */
export interface Suspension {
  readonly suspendedUntil: number;
}

/** What a task came to. */
export interface Done {
  readonly output: unknown;
  /** The flow directive that was followed: continue, exit, end or a name. */
  readonly next: string;
}

/** What the work of a task, or a list of tasks, came to. */
export type Outcome =
  | {
      readonly output: unknown;
      /** The flow directive that it determines, if it does. A list determines none but `end`. */
      readonly next?: string;
      /** What the reader of the run should know of it. */
      readonly note?: string;
    }
  | Suspension;

/** A task's position in its run. */
export interface TaskContext {
  readonly execution: Execution;
  readonly progress: RunProgress;
  readonly locals: Locals;
  /** Executes a list of tasks; composite tasks reach their own tasks through it. */
  readonly runTasks: (
    list: TaskList,
    reference: string,
    input: unknown,
    place: TaskContext,
  ) => Promise<Outcome>;
  /** Executes a single task, with its reference. */
  readonly runTask: (
    name: string,
    task: Task,
    reference: string,
    input: unknown,
    place: TaskContext,
  ) => Promise<Done | Suspension>;
}
