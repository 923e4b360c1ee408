import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Call } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import { fileTrouble } from '../../file-errors.ts';
import { redacted } from '../../observability/redact.ts';
import { similarNames } from '../../similar-names.ts';
import type { Verdicts } from '../../stores/journal/types.ts';
import type { DefinitionProblem, WorkflowEntry, WorkflowFunctions } from '../types.ts';
import { createChecks } from './checks.ts';
import type { Definition, FunctionCall } from './dsl.ts';
import { type FoundFile, readFolder } from './folder.ts';
import { placesIn } from './located.ts';
import { rules, type Verdict } from './messages.ts';
import { problemsText, problemText } from './problem.ts';
import { unknownWorkflow } from './unknown-workflow.ts';

/** A runnable definition: its JSON text in the key order of its file, and the text's SHA-256. */
interface Loaded {
  readonly definition: Definition;
  readonly json: string;
  readonly sha256: string;
}

interface Listed {
  readonly entry: WorkflowEntry;
  readonly loaded?: Loaded;
  /** Its check has not finished yet. */
  readonly isPending?: boolean;
}

/** The state of a file when it was last read. */
interface SeenFile {
  readonly stamp: string;
  readonly key?: string;
  readonly problem?: string;
}

export interface DefinitionCatalog {
  /** Lists every definition; one whose check takes long is listed as being checked. */
  list(call: Call): Promise<readonly WorkflowEntry[]>;
  /** Everything that is wrong with a text. @throws HydrogenError `timeout` when checking it takes too long */
  check(text: string, call: Call): Promise<readonly DefinitionProblem[]>;
  /** @throws HydrogenError `not_found` with similar names, `bad_input` when it has a problem. */
  get(name: string, call: Call): Promise<Loaded>;
  close(): Promise<void>;
}

/** How long reading a folder may take, in ms: a disconnected network drive never responds. */
const folderMs = 5_000;
/** Minimum wait for a folder, even when the call has no time left, in ms. */
const minFolderMs = 500;
/** Maximum time that a listing waits for checks, where the call has a deadline, in ms. */
const maxWaitMs = 30_000;
/** Time reserved for a call's answer after waiting, in ms. */
const answerMs = 2_000;

const beingChecked = 'it is still being checked; ask again in a moment';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function broken(problem: string): Verdict {
  return { problems: [problem], calls: [] };
}

function waitMsOf({ deadline }: Call): number {
  if (deadline === Number.POSITIVE_INFINITY) return deadline;
  return Math.max(0, Math.min(maxWaitMs, deadline - answerMs - Date.now()));
}

/**
 * @param foldersFor the folders to read for a call
 * @param functions what a `call` may use
 */
export function createCatalog(
  foldersFor: (call: Call) => Promise<readonly string[]>,
  { names: functions, argumentFaults }: Pick<WorkflowFunctions, 'names' | 'argumentFaults'>,
  verdicts: Verdicts,
): DefinitionCatalog {
  const checks = createChecks(verdicts);
  const seen = new Map<string, SeenFile>();
  /** One read per folder at a time, so that an unresponsive folder blocks only one thread. */
  const reads = new Map<string, Promise<FoundFile[]>>();

  function readOnce(folder: string): Promise<FoundFile[]> {
    const isKnown = (name: string, stamp: string): boolean => {
      const before = seen.get(join(folder, name));
      if (before?.stamp !== stamp) return false;
      return before.problem !== undefined || checks.known(before.key ?? '') !== undefined;
    };
    const begun = reads.get(folder) ?? readFolder(folder, isKnown).finally(() => reads.delete(folder));
    reads.set(folder, begun);
    // It may fail when nobody is waiting any more.
    begun.catch(() => {});
    return begun;
  }

  /** The files of a folder, or why it cannot be read. */
  async function filesOf(folder: string, call: Call): Promise<FoundFile[] | string> {
    const clock = new AbortController();
    const late = delay(Math.min(folderMs, Math.max(minFolderMs, waitMsOf(call))), undefined, {
      signal: clock.signal,
    });
    try {
      return (await Promise.race([readOnce(folder), late.catch(() => undefined)])) ?? 'did not respond';
    } catch (error) {
      call.log.warn({ err: error }, 'a folder of workflow definitions cannot be read');
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return 'does not exist';
      return `cannot be read: ${fileTrouble(error)?.reason ?? code ?? 'see the server log'}`;
    } finally {
      clock.abort();
    }
  }

  /** The verdict on a file; undefined while it is being checked. */
  async function verdictOn(
    path: string,
    file: FoundFile,
    until: number,
    call: Call,
  ): Promise<Verdict | undefined> {
    const before = seen.get(path);
    if (file.text === undefined) {
      const problem = file.problem ?? (before?.stamp === file.stamp ? before?.problem : undefined);
      if (problem === undefined) return checks.known(before?.key ?? '');
      if (file.stamp !== undefined) seen.set(path, { stamp: file.stamp, problem });
      return broken(problem);
    }
    const key = sha256(`${rules}\n${file.text}`);
    if (file.stamp !== undefined) seen.set(path, { stamp: file.stamp, key });
    try {
      return await checks.verdict(key, file.text, Math.max(0, until - Date.now()), call);
    } catch (error) {
      if (call.signal.aborted) throw error;
      call.log.warn({ err: error, file: file.name }, 'a definition could not be checked');
      return broken('it could not be checked; try again, or see the server log');
    }
  }

  function unknownFunction(name: string): string {
    const suggestions = similarNames(name, functions);
    const hint =
      suggestions.length > 0
        ? `did you mean ${suggestions.map((one) => `"${one}"`).join(', ')}?`
        : `there are ${functions.join(', ')}`;
    return `there is no function "${name}"; ${hint}`;
  }

  /** What a run would find only when it gets there. */
  function callProblems({ place, name, args }: FunctionCall): string[] {
    if (!functions.includes(name)) {
      return [problemText({ place: `${place}/call`, reason: unknownFunction(name) })];
    }
    return (argumentFaults?.(name, args) ?? []).map((reason) =>
      problemText({ place: `${place}/with`, reason }),
    );
  }

  function listed(label: string, verdict: Verdict, taken: ReadonlySet<string>): Listed {
    const definition =
      verdict.definition === undefined ? undefined : (JSON.parse(verdict.definition) as Definition);
    const name = definition?.document.name ?? verdict.name ?? label;
    const twice = taken.has(name) ? `${label} redefines a workflow from another file` : undefined;
    const problem =
      problemsText([...(verdict.problems ?? []), ...verdict.calls.flatMap(callProblems)]) ?? twice;
    // Listings show text from a file, which may contain anything.
    const entry: WorkflowEntry = redacted({
      name,
      version: definition?.document.version ?? '',
      title: definition?.document.title ?? name,
      description: definition?.document.summary ?? '',
      ...(definition?.input?.schema?.document !== undefined && { input: definition.input.schema.document }),
      ...(problem !== undefined && { problem, file: label }),
    });
    if (!definition || problem !== undefined || verdict.definition === undefined) return { entry };
    return { entry, loaded: { definition, json: verdict.definition, sha256: sha256(verdict.definition) } };
  }

  async function all(call: Call, waitMs: number): Promise<Listed[]> {
    const until = Date.now() + waitMs;
    const folders = await foldersFor(call);
    const inFolders = await Promise.all(
      folders.map(async (folder) => {
        const files = await filesOf(folder, call);
        if (typeof files === 'string') return files;
        return Promise.all(
          files.map(async (file) => ({
            name: file.name,
            verdict: await verdictOn(join(folder, file.name), file, until, call),
          })),
        );
      }),
    );
    const found: Listed[] = [];
    const taken = new Set<string>();
    for (const [index, files] of inFolders.entries()) {
      if (typeof files === 'string') {
        const name = basename(folders[index] ?? '');
        const problem = `this folder of workflow definitions (workflowFolders) ${files}`;
        found.push({ entry: { name, version: '', title: name, description: '', problem } });
        continue;
      }
      for (const { name, verdict } of files) {
        const item = listed(name, verdict ?? broken(beingChecked), taken);
        if (item.loaded) taken.add(item.entry.name);
        found.push(verdict ? item : { ...item, isPending: true });
      }
    }
    return found;
  }

  /** Polls, waiting a little longer each time, until the named definition can be run. */
  async function pollFor(name: string, call: Call): Promise<Listed[]> {
    const end = Date.now() + waitMsOf(call);
    for (let waitMs = 0; ; waitMs = Math.max(250, waitMs * 2)) {
      const left = end - Date.now();
      const found = await all(call, Math.min(waitMs, Math.max(0, left)));
      const isRunnable = found.some(({ entry, loaded }) => loaded && entry.name === name);
      if (isRunnable || left <= 0 || !found.some(({ isPending }) => isPending)) return found;
    }
  }

  return {
    async check(text, call) {
      const verdict = await checks.verdict(sha256(`${rules}\n${text}`), text, waitMsOf(call), call);
      if (!verdict) throw new HydrogenError('timeout', 'Checking the definition takes too long.');
      const placeOf = placesIn(text);
      const problems = [...(verdict.problems ?? []), ...verdict.calls.flatMap(callProblems)];
      return problems.map((problem) => ({ ...placeOf(problem), problem }));
    },
    list: async (call) => (await all(call, waitMsOf(call))).map(({ entry }) => entry),
    async get(name, call) {
      const found = await pollFor(name, call);
      const same = found.filter(({ entry }) => entry.name === name || entry.file === name);
      const runnable = same.find(({ loaded }) => loaded)?.loaded;
      if (runnable) return runnable;
      const { problem, file } = same.find(({ isPending }) => !isPending)?.entry ?? {};
      if (problem !== undefined) {
        const advice = file === undefined ? '' : ` Fix it in ${file}.`;
        throw new HydrogenError(
          'bad_input',
          `The workflow "${name}" cannot be run: ${problem.replace(/[.?]?$/, (end) => end || '.')}${advice}`,
        );
      }
      const waiting = found.filter(({ isPending }) => isPending).length;
      if (waiting > 0) {
        const many = waiting === 1 ? 'a definition is' : `${waiting} definitions are`;
        const reason = `There is no workflow "${name}" yet, but ${many} still being checked. Ask again in a moment.`;
        throw new HydrogenError('unavailable', reason);
      }
      const names = found.filter(({ loaded }) => loaded).map(({ entry }) => entry.name);
      throw unknownWorkflow(name, names);
    },
    close: () => checks.close(),
  };
}
