import { isDeepStrictEqual } from 'node:util';
import { type Call, type Caller, owner, systemCall } from '../call.ts';
import { endsWithServer } from '../calls.ts';
import { badInput, HydrogenError } from '../errors.ts';
import { stringifyExactJson } from '../mql/formats.ts';
import type { Logger } from '../observability/log.ts';
import { isSameCaller } from '../policy/authentication.ts';
import type { Journal, RunRecord, RunState, Verdicts } from '../stores/journal/types.ts';
import { createCatalog } from './definitions/catalog.ts';
import { checkValue, useChecker } from './definitions/checker.ts';
import { createEvaluator } from './expressions/evaluator.ts';
import { newestThat } from './newest.ts';
import { presentRun } from './runs/present.ts';
import { newRunId } from './runs/run-id.ts';
import { createRunner } from './runs/runner.ts';
import { defaultRunSettings, type RunSettings } from './runs/settings.ts';
import { unknownRun } from './runs/unknown-run.ts';
import type { Run, StartRequest, WorkflowFunctions, Workflows } from './types.ts';

export interface WorkflowsOptions {
  readonly journal: Journal;
  /** Verdicts on definitions checked before. */
  readonly verdicts: Verdicts;
  /** Folders with definitions, YAML or JSON; reread when they change. */
  readonly folders: readonly string[];
  /** A folder more, before the others, that is there only while `areOffered` says so. */
  readonly samples?: { readonly folder: string; areOffered(call: Call): Promise<boolean> };
  readonly functions: WorkflowFunctions;
  readonly log: Logger;
  readonly runs?: Partial<RunSettings>;
}

/** How often to poll a run that another process executes, in ms. */
const pollMs = 250;
const maxInputBytes = 1024 * 1024;
/** How long a cancellation may wait for the journal, in ms. */
const cancelMs = 10_000;

function ended(state: RunState): boolean {
  return state !== 'pending' && state !== 'running';
}

/**
 * Whether a run is the caller's. What it returned is what its caller could see when it began: to the same one with other
 * roles or claims it is another's.
 */
function isRunOf({ caller: begun }: RunRecord, caller: Caller): boolean {
  if (caller.id === owner.id) return true;
  if (caller.id !== begun.id) return false;
  return caller.roles === undefined || isSameCaller({ ...begun, scopes: [] }, { ...caller, scopes: [] });
}

/** Definitions from folders, and durable runs of them. Nothing is read or started before first use. */
export function createWorkflows(options: WorkflowsOptions): Workflows {
  const { journal, verdicts, functions, log } = options;
  const settings = { ...defaultRunSettings, ...options.runs };
  const checker = useChecker();
  const foldersFor = async (call: Call): Promise<readonly string[]> => {
    const { folders, samples } = options;
    return samples && (await samples.areOffered(call)) ? [samples.folder, ...folders] : folders;
  };
  const catalog = createCatalog(foldersFor, functions, verdicts);
  const evaluator = createEvaluator(settings.expressionMs);
  const runner = createRunner({ journal, functions, evaluator, settings, log });
  const cancels = new Set<Promise<unknown>>();
  let closing = false;

  /** To callers other than the data's owner, the runs of others do not exist. */
  async function find(id: string, call: Call): Promise<RunRecord> {
    const run = await journal.get(id, call);
    if (run && isRunOf(run, call.caller)) {
      if (run.state === 'pending') runner.poll();
      return run;
    }
    throw unknownRun(id);
  }

  async function present(run: RunRecord, call: Call): Promise<Run> {
    return presentRun(run, await journal.steps(run.id, call));
  }

  async function get(id: string, call: Call): Promise<Run> {
    return present(await find(id, call), call);
  }

  /** The call that started the run is over, so this uses a call of its own and is not awaited. */
  function cancelQuietly(id: string, { caller, log }: Call): void {
    const call = systemCall(log, { caller, limitMs: cancelMs });
    const done = journal
      .requestCancel(id, call)
      .then(() => runner.cancel(id))
      .catch((err: unknown) => log.warn({ err, run: id }, 'a run could not be cancelled'))
      .finally(() => cancels.delete(done));
    cancels.add(done);
  }

  /** Journals a run. One cancelled before it was acknowledged may still be in the journal. */
  async function begin(
    { workflow, input, idempotencyKey }: StartRequest,
    call: Call,
  ): Promise<{ run: RunRecord; created: boolean }> {
    const { definition, json, sha256 } = await catalog.get(workflow, call);
    const schema = definition.input?.schema?.document;
    const value = input ?? {};
    const job = { schema, value, what: 'the input' };
    const checked =
      schema === undefined ? value : await checkValue(job, call, 'list_workflows shows its schema.');
    const text = stringifyExactJson(checked);
    if (Buffer.byteLength(text) > maxInputBytes) {
      throw badInput(`The input is larger than ${maxInputBytes} bytes; pass references to data instead.`);
    }
    const id = newRunId();
    const { run, created } = await journal
      .create(
        {
          id,
          caller: call.caller,
          workflow,
          version: definition.document.version,
          definition: json,
          sha256,
          ...(idempotencyKey !== undefined && { idempotencyKey }),
          input: text,
        },
        call,
      )
      .catch((error: unknown) => {
        if (call.signal.aborted) cancelQuietly(id, call);
        throw error;
      });
    if (!created && !isRunOf(run, call.caller)) {
      throw new HydrogenError(
        'conflict',
        'The idempotency key belongs to a run that this caller began with other roles or claims. Use a new key for a new run.',
      );
    }
    if (
      !created &&
      (run.workflow !== workflow || !isDeepStrictEqual(JSON.parse(run.input), JSON.parse(text)))
    ) {
      throw new HydrogenError(
        'conflict',
        `The idempotency key belongs to run ${run.id} of "${run.workflow}" with different input. Use a new key for a new run.`,
      );
    }
    runner.wake();
    return { run, created };
  }

  async function wait(id: string, waitMs: number, call: Call): Promise<Run> {
    const end = Math.min(Date.now() + waitMs, call.deadline - 100);
    let lastReport = '';
    for (;;) {
      const changed = runner.changed(id, Math.max(0, Math.min(pollMs, end - Date.now())), call.signal);
      const run = await find(id, call);
      const steps = await journal.steps(id, call);
      const finished = steps.filter(({ state }) => state !== 'running');
      const message = (steps.find(({ state }) => state === 'running') ?? steps.at(-1))?.name;
      if (`${finished.length} ${message}` !== lastReport && message !== undefined) {
        lastReport = `${finished.length} ${message}`;
        call.progress({ done: finished.length, message });
      }
      const isOver = ended(run.state) || Date.now() >= end || (run.suspendedUntil ?? 0) > end;
      if (isOver) return presentRun(run, steps);
      await changed;
    }
  }

  return {
    list: (call) => catalog.list(call),

    check: (text, call) => catalog.check(text, call),

    start: async (request, call) => present((await begin(request, call)).run, call),

    async startAndWait(request, waitMs, call, started = () => {}) {
      const { run, created } = await begin(request, call);
      started(run.id);
      const stop = (): void => {
        // At shutdown the run is left to continue after a restart.
        if (created && !closing && !endsWithServer(call.signal)) cancelQuietly(run.id, call);
      };
      call.signal.addEventListener('abort', stop, { once: true });
      if (call.signal.aborted) stop();
      try {
        return await wait(run.id, waitMs, call);
      } catch (error) {
        const late = error instanceof HydrogenError && ['timeout', 'unavailable'].includes(error.code);
        if (!late && !endsWithServer(call.signal)) throw error;
        return presentRun(run, []);
      } finally {
        call.signal.removeEventListener('abort', stop);
      }
    },

    wait,

    get,

    async recent(limit, call) {
      const { id } = call.caller;
      const runs = await newestThat<RunRecord>(
        (run) => isRunOf(run, call.caller),
        limit,
        (most) => journal.recent({ limit: most, ...(id !== owner.id && { caller: id }) }, call),
      );
      return runs.map((run) => presentRun(run, []));
    },

    async cancel(id, call) {
      await find(id, call);
      await journal.requestCancel(id, call);
      runner.cancel(id);
      return get(id, call);
    },

    recover: () => runner.wake(),

    takeUp: () => runner.takeUp(),

    async status(call) {
      const entries = await catalog.list(call);
      const problems = entries.flatMap(({ name, file = name, problem }) =>
        problem === undefined ? [] : [`${file}: ${problem}`],
      );
      const { leases, pending, suspended } = await journal.unfinished(call);
      return {
        definitions: entries.length - problems.length,
        problems,
        running: leases.length,
        waiting: pending + suspended,
      };
    },

    async close() {
      closing = true;
      await Promise.all(cancels);
      await runner.close();
      await catalog.close();
      await Promise.all([evaluator.close(), checker.release()]);
    },
  };
}
