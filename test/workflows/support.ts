import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Call } from '../../src/call.ts';
import { createLog } from '../../src/observability/log.ts';
import type { StoreFile } from '../../src/stores/embedded/engine/store-file.ts';
import { createEmbeddedJournal, createEmbeddedVerdicts } from '../../src/stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import type { RunSettings } from '../../src/workflows/runs/settings.ts';
import type { Run, WorkflowFunctions, Workflows } from '../../src/workflows/types.ts';
import { createWorkflows } from '../../src/workflows/workflows.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { keepChecker } from '../support/checker.ts';

keepChecker();

export type Functions = Readonly<Record<string, (args: unknown, call: Call) => unknown>>;

export function functionsOf(functions: Functions): WorkflowFunctions {
  return {
    names: Object.keys(functions),
    call: async (name, args, call) => functions[name]?.(args, call),
  };
}

export interface Setting {
  /** File texts by file name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly functions?: Functions;
  readonly runs?: Partial<RunSettings>;
  /** The data directory of another process, to share it. */
  readonly directory?: string;
}

export interface World {
  readonly workflows: Workflows;
  readonly storeFile: StoreFile;
  readonly directory: string;
  readonly folder: string;
}

/** Workflows on a real store file and a real folder, closed when the test has ended. */
export async function world(setting: Setting): Promise<World> {
  const opened = await openWorld({
    ...setting,
    directory: setting.directory ?? (await temporaryDirectory()),
  });
  onTestFinished(opened.close);
  return opened;
}

/** The same, for several tests. */
export async function openWorld({
  files = {},
  functions = {},
  runs,
  directory: place,
}: Setting & { readonly directory: string }): Promise<World & { close(): Promise<void> }> {
  const folder = join(place, 'workflows');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const storeFile = createEmbeddedStore(place, 2);
  const workflows = createWorkflows({
    journal: createEmbeddedJournal(storeFile),
    verdicts: createEmbeddedVerdicts(storeFile),
    folders: [folder],
    functions: functionsOf(functions),
    log: createLog('silent'),
    ...(runs && { runs }),
  });
  return {
    workflows,
    storeFile,
    directory: place,
    folder,
    async close() {
      await workflows.close();
      await storeFile.close();
    },
  };
}

/** A definition named `w` with these tasks, as YAML. */
export function definition(tasks: string, more = ''): string {
  const head = "document: { dsl: '1.0.3', namespace: test, name: w, version: '1.0.0' }";
  return `${head}\n${more}\ndo:\n${tasks.replace(/^\n/, '')}\n`;
}

/** A call that may wait for the checks of definitions on a machine that is busy. */
export function patientCall(): Call {
  return testCall({ deadline: Date.now() + 60_000 });
}

/** Runs the definition `w` to its end. */
export async function runToEnd({ workflows }: World, input: unknown = {}, name = 'w'): Promise<Run> {
  const { id } = await workflows.start({ workflow: name, input }, patientCall());
  return workflows.wait(id, 8_000, testCall());
}

/** Runs a definition with these tasks. */
export async function run(tasks: string, input?: unknown, setting: Setting = {}, more = ''): Promise<Run> {
  const one = await world({ ...setting, files: { 'w.yaml': definition(tasks, more) } });
  return runToEnd(one, input);
}
