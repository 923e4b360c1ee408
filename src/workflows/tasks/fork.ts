import { entryOf, type Task, type TaskList } from '../definitions/dsl.ts';
import { pointerPart } from '../definitions/problem.ts';
import type { Done, Outcome, Suspension, TaskContext } from '../interpreter/execution.ts';
import { type Failure, failureOf, failureWith, Superfluous } from '../interpreter/failure.ts';
import { stoppedBy } from '../interpreter/scope.ts';
import type { TaskData } from '../interpreter/variables.ts';
import type { TaskKind } from './kind.ts';

interface ForkTask extends Task {
  readonly fork: { readonly branches: TaskList; readonly compete?: boolean };
}

interface Branch {
  readonly name: string;
  readonly task: Task;
  readonly reference: string;
}

const branchesOf = ({ fork }: ForkTask, reference: string): Branch[] =>
  fork.branches.map((item, index) => {
    const [name, task] = entryOf(item);
    return { name, task, reference: `${reference}/fork/branches/${index}/${pointerPart(name)}` };
  });

/** What became of a branch. */
type End = { readonly done: Done; readonly context: unknown } | Suspension | { readonly failure: Failure };

const isDone = (end: End): end is Extract<End, { done: Done }> => 'done' in end;

/** Executes a branch on a context of its own. */
async function runBranch(
  { name, task, reference }: Branch,
  data: TaskData,
  place: TaskContext,
): Promise<Extract<End, { done: Done }> | Suspension> {
  const progress = { ...place.progress, visits: new Map<string, number>() };
  const outcome = await place.runTask(name, task, reference, data.input, { ...place, progress });
  return 'suspendedUntil' in outcome ? outcome : { done: outcome, context: progress.context };
}

/**
 * Executes the branches until all have ended, or are suspended; the others are stopped as soon as one decides the fork: by
 * failing, by ending the workflow, or, where they compete, by being the first.
 */
async function runBranches(
  branches: readonly Branch[],
  isDecisive: (done: Done) => boolean,
  data: TaskData,
  place: TaskContext,
): Promise<{ readonly ends: readonly End[]; readonly decisive?: End }> {
  const { strands } = place.progress;
  const stop = new AbortController();
  const inner = stoppedBy(stop.signal, place);
  let decisive: End | undefined;
  const decide = (end: End): void => {
    if (decisive) return;
    decisive = end;
    stop.abort(new Superfluous('Another branch has decided.'));
  };
  let left = branches.length;
  if (left > 0) strands.split(left);
  const ends = await Promise.all(
    branches.map(async (branch): Promise<End> => {
      let end: End;
      try {
        end = await runBranch(branch, data, inner);
        if (isDone(end) && isDecisive(end.done)) decide(end);
      } catch (error) {
        end = { failure: failureOf(error) };
        if (!stop.signal.aborted) decide(end);
      }
      // The last one goes on as the fork.
      if (--left > 0 && !('suspendedUntil' in end)) strands.end();
      return end;
    }),
  );
  return { ends, ...(decisive && { decisive }) };
}

/** Journals what was under way in branches that were stopped. */
async function recordStopped(ends: readonly End[], { execution, progress }: TaskContext): Promise<void> {
  const steps = ends.flatMap((end) => ('failure' in end ? end.failure.steps : []));
  if (steps.length > 0) await execution.record([...progress.started.splice(0), ...steps]);
}

/**
 * The context after branches that had one of their own: what each has changed in it, in the order of the definition; of one
 * that is no object, the last one that was changed.
 */
function joined(before: unknown, contexts: readonly unknown[]): unknown {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  let context = before;
  for (const own of contexts) {
    if (own === before) continue;
    context = isObject(context) && isObject(own) ? { ...context, ...changed(before, own) } : own;
  }
  return context;
}

function changed(before: unknown, own: Record<string, unknown>): Record<string, unknown> {
  const old = (before ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(own).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(old[key])),
  );
}

/** The branch that had won when the process that executed them ended. */
function journaledWinner(branches: readonly Branch[], { execution }: TaskContext): Branch | undefined {
  return branches.find(({ reference }) => execution.journaled.get(reference)?.result);
}

/**
 * Branches are executed side by side on the same input. The output is the list of theirs, in the order of the definition;
 * where they compete, that of the first to complete, and the others are stopped.
 */
export const fork: TaskKind<ForkTask> = {
  lists: ({ fork: { branches } }) => [
    { property: 'fork/branches', tasks: branches, variables: [], areBranches: true },
  ],
  async perform(task, data, place): Promise<Outcome> {
    const { compete = false } = task.fork;
    const all = branchesOf(task, data.reference);
    const winner = compete ? journaledWinner(all, place) : undefined;
    const branches = winner ? [winner] : all;
    const isDecisive = ({ next }: Done): boolean => compete || next === 'end';
    const { ends, decisive } = await runBranches(branches, isDecisive, data, place);
    if (decisive && 'failure' in decisive) {
      const others = ends.flatMap((end) => (end !== decisive && 'failure' in end ? end.failure.steps : []));
      throw failureWith(decisive.failure, others);
    }
    if (decisive && isDone(decisive)) {
      await recordStopped(ends, place);
      place.progress.context = decisive.context;
      const { output, next } = decisive.done;
      return { output, ...(next === 'end' && { next }) };
    }
    const suspended = ends.filter((end) => 'suspendedUntil' in end);
    if (suspended.length > 0) {
      return { suspendedUntil: Math.min(...suspended.map(({ suspendedUntil }) => suspendedUntil)) };
    }
    const done = ends.filter(isDone);
    place.progress.context = joined(
      place.progress.context,
      done.map(({ context }) => context),
    );
    return { output: done.map(({ done: { output } }) => output) };
  },
};
