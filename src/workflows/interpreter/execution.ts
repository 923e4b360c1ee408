import type { StepResult, StepWrite } from '../../stores/journal/types.ts';
import type { Definition, TaskList } from '../definitions/dsl.ts';
import type { Variables } from '../expressions/evaluator.ts';
import type { RuntimeExpression } from '../expressions/expression.ts';

/** What the interpreter needs of the world to execute one run. */
export interface Execution {
  readonly id: string;
  readonly definition: Definition;
  /** The input as it was given, with the defaults of its schema. */
  readonly input: unknown;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Aborted when the run is cancelled, late, lost to another process or to be continued later. */
  readonly signal: AbortSignal;
  /** Results of steps that an earlier process journaled, by reference. */
  readonly results: ReadonlyMap<string, StepResult>;
  /** Journals steps; the run goes on when they are written. */
  record(steps: readonly StepWrite[]): Promise<void>;
  call(name: string, args: unknown): Promise<unknown>;
  evaluate(
    expressions: readonly RuntimeExpression[],
    data: unknown,
    variables: Variables,
  ): Promise<unknown[]>;
  readonly limits: {
    /** How many steps a run may have. */
    readonly maxSteps: number;
    /** How large the result of a step may be as JSON, in bytes. */
    readonly maxResultBytes: number;
  };
}

/** What changes while a run is executed. */
interface Progress {
  context: unknown;
  steps: number;
  /** How often each task was reached, for the references of repeated visits. */
  readonly visits: Map<string, number>;
  /** Starts of composite tasks, written with the next step. */
  readonly started: StepWrite[];
}

/** Values that a loop gives to its tasks, by name. */
type Locals = Readonly<Record<string, unknown>>;

/** Where a task is in its run. */
export interface TaskContext {
  readonly execution: Execution;
  readonly progress: Progress;
  readonly locals: Locals;
  /** Executes a list of tasks; composite tasks reach their own tasks through it. */
  readonly runTasks: (
    list: TaskList,
    reference: string,
    input: unknown,
    place: TaskContext,
  ) => Promise<{ readonly output: unknown; readonly ended: boolean }>;
}
