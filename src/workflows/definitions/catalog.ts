import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Call } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import { fileTrouble } from '../../file-errors.ts';
import { nearest } from '../../near.ts';
import type { Verdicts } from '../../stores/journal/types.ts';
import type { WorkflowEntry } from '../types.ts';
import { checkText } from './checker.ts';
import type { Definition } from './dsl.ts';
import { rulesVersion, type Verdict } from './messages.ts';
import { problemText } from './problem.ts';

/** A definition that may be run: its JSON text in the order of its file, and the text's SHA-256. */
export interface Loaded {
  readonly definition: Definition;
  readonly json: string;
  readonly sha256: string;
}

interface Listed {
  readonly entry: WorkflowEntry;
  readonly loaded?: Loaded;
}

interface Cached {
  readonly stamp: string;
  readonly verdict: Verdict;
}

export interface Catalog {
  list(call: Call): Promise<readonly WorkflowEntry[]>;
  /** @throws HydrogenError `not_found` with near names, `bad_input` when it has a problem. */
  get(name: string, call: Call): Promise<Loaded>;
}

const extensions = new Set(['.yaml', '.yml', '.json']);
const maxBytes = 256 * 1024;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `functions` are the names that a `call` may use. */
export function createCatalog(
  folders: readonly string[],
  functions: readonly string[],
  verdicts: Verdicts,
): Catalog {
  const files = new Map<string, Cached>();
  const known = new Map<string, Verdict>();

  async function check(text: string, call: Call): Promise<Verdict> {
    const key = sha256(`${rulesVersion}\n${text}`);
    const seen = known.get(key);
    if (seen) return seen;
    const kept = await verdicts.get(key, call);
    const verdict = kept === undefined ? await checkText(text, call) : (JSON.parse(kept) as Verdict);
    known.set(key, verdict);
    if (kept === undefined) {
      // A verdict that cannot be kept now is found again at the next start.
      verdicts.keep(key, JSON.stringify(verdict), call).catch((error: unknown) => {
        call.log.debug({ err: error }, 'a checked definition was not kept');
      });
    }
    return verdict;
  }

  async function load(file: string, call: Call): Promise<Verdict> {
    try {
      const { size, mtimeMs } = await stat(file);
      const stamp = `${size} ${mtimeMs}`;
      const cached = files.get(file);
      if (cached?.stamp === stamp) return cached.verdict;
      if (size > maxBytes) {
        return { problem: `the file has ${size} bytes; at most ${maxBytes} are read`, calls: [] };
      }
      const verdict = await check(await readFile(file, 'utf8'), call);
      files.set(file, { stamp, verdict });
      return verdict;
    } catch (error) {
      if (error instanceof HydrogenError && error.code !== 'bad_input') throw error;
      const { code } = error as NodeJS.ErrnoException;
      const reason = fileTrouble(error)?.reason ?? code;
      return { problem: `the file cannot be read${reason ? `: ${reason}` : ''}`, calls: [] };
    }
  }

  function unknownFunction({ calls }: Verdict): string | undefined {
    const call = calls.find(({ name }) => !functions.includes(name));
    if (!call) return undefined;
    const near = nearest(call.name, functions);
    const hint =
      near.length > 0
        ? `did you mean ${near.map((name) => `"${name}"`).join(', ')}?`
        : `there are ${functions.join(', ')}`;
    return problemText({ place: call.place, reason: `there is no function "${call.name}"; ${hint}` });
  }

  function listed(file: string, verdict: Verdict, taken: ReadonlySet<string>): Listed {
    const label = basename(file);
    const definition =
      verdict.definition === undefined ? undefined : (JSON.parse(verdict.definition) as Definition);
    const name = definition?.document.name ?? verdict.name ?? label;
    const twice = taken.has(name) ? `${label} defines a workflow that another file defines too` : undefined;
    const problem = verdict.problem ?? unknownFunction(verdict) ?? twice;
    const entry: WorkflowEntry = {
      name,
      version: definition?.document.version ?? '',
      title: definition?.document.title ?? name,
      description: definition?.document.summary ?? '',
      ...(definition?.input?.schema?.document !== undefined && { input: definition.input.schema.document }),
      ...(problem !== undefined && { problem }),
    };
    if (!definition || problem !== undefined || verdict.definition === undefined) return { entry };
    return { entry, loaded: { definition, json: verdict.definition, sha256: sha256(verdict.definition) } };
  }

  async function inFolder(folder: string): Promise<string[] | undefined> {
    try {
      const names = await readdir(folder);
      return names
        .filter((name) => extensions.has(extname(name).toLowerCase()))
        .sort()
        .map((name) => join(folder, name));
    } catch {
      return undefined;
    }
  }

  async function all(call: Call): Promise<Listed[]> {
    const found: Listed[] = [];
    const taken = new Set<string>();
    for (const folder of folders) {
      const paths = await inFolder(folder);
      if (!paths) {
        const name = basename(folder);
        const problem = 'this folder of workflow definitions (workflowFolders) cannot be read';
        found.push({ entry: { name, version: '', title: name, description: '', problem } });
      }
      for (const file of paths ?? []) {
        const one = listed(file, await load(file, call), taken);
        if (one.loaded) taken.add(one.entry.name);
        found.push(one);
      }
    }
    return found;
  }

  return {
    list: async (call) => (await all(call)).map(({ entry }) => entry),
    async get(name, call) {
      const found = await all(call);
      const same = found.filter(({ entry }) => entry.name === name);
      const runnable = same.find(({ loaded }) => loaded)?.loaded;
      if (runnable) return runnable;
      const broken = same[0]?.entry.problem;
      if (broken !== undefined) {
        throw new HydrogenError(
          'bad_input',
          `The workflow "${name}" cannot be run: ${broken.replace(/[.?]?$/, (end) => end || '.')}`,
        );
      }
      const names = found.filter(({ loaded }) => loaded).map(({ entry }) => entry.name);
      const near = nearest(name, names);
      const hint =
        near.length > 0
          ? `did you mean ${near.map((other) => `"${other}"`).join(', ')}?`
          : `there ${names.length === 1 ? 'is' : 'are'} ${names.map((other) => `"${other}"`).join(', ') || 'none'}.`;
      throw new HydrogenError('not_found', `There is no workflow "${name}"; ${hint}`, { near });
    },
  };
}
