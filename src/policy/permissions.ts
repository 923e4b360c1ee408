import type { Caller, Operation } from '../call.ts';
import { type Config, environmentName, type SettingName } from '../config.ts';
import { HydrogenError } from '../errors.ts';
import { grantsOf } from './roles.ts';

/** The parts of a tool that policy depends on. */
export interface Guarded {
  readonly name: string;
  readonly operation: Operation;
  /** Set where a call leaves a file behind, and is recorded as a change is. */
  readonly leavesFile?: true;
}

/** The protocol's hints, by operation. */
export const annotations = {
  read: { readOnlyHint: true, openWorldHint: false },
  run: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  ingest: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  write: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
  destroy: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
} as const satisfies Record<Operation, object>;

/** The setting that enables an operation. Workflows can only read, so running them is always enabled. */
const enabledBy: Readonly<Partial<Record<Operation, 'enableIngest' | 'enableWrites'>>> = {
  ingest: 'enableIngest',
  write: 'enableWrites',
  destroy: 'enableWrites',
};

/** The setting by which a tool is switched off, for everybody. */
function switchedOffBy({ name, operation }: Guarded, config: Config): SettingName | undefined {
  const setting = enabledBy[operation];
  if (setting !== undefined && !config[setting]) return setting;
  return config.disabledTools.includes(name) ? 'disabledTools' : undefined;
}

/** Whether the caller's scopes and roles allow a tool, be it switched on or off. */
export function isGranted({ name, operation }: Guarded, config: Config, caller: Caller): boolean {
  return caller.scopes.includes(operation) && grantsOf(config, caller).tool(name, operation);
}

/** Whether a tool is offered to this caller under these settings. */
export function offered(tool: Guarded, config: Config, caller: Caller): boolean {
  return isGranted(tool, config, caller) && switchedOffBy(tool, config) === undefined;
}

/** What is switched off of what the caller may use, as a sentence; '' for nothing. */
export function switchedOffNote(config: Config, caller: Caller): string {
  const grants = grantsOf(config, caller);
  const off = (['enableWrites', 'enableIngest'] as const).filter(
    (setting) =>
      !config[setting] &&
      caller.scopes.some((operation) => enabledBy[operation] === setting && grants.anyTool(operation)),
  );
  const what = { enableWrites: 'changing data', enableIngest: 'adding or removing documents' };
  const parts = off.map((setting) => `${what[setting]} (setting ${setting})`);
  return parts.length === 0 ? '' : `Switched off here: ${parts.join(' and ')}.`;
}

function offMessage(name: string, setting: SettingName): string {
  const advice = setting === 'disabledTools' ? 'names it' : 'is false';
  return `The tool "${name}" is switched off here: the setting ${setting} (${environmentName(setting)}) ${advice}. Whoever runs this server can change that.`;
}

/** @throws HydrogenError `not_allowed` for a tool that is not offered: checked on every call. */
export function assertOffered(tool: Guarded, config: Config, caller: Caller): void {
  const { name, operation } = tool;
  if (!caller.scopes.includes(operation)) {
    throw new HydrogenError(
      'not_allowed',
      `The tool "${name}" needs the scope "${operation}", which this caller does not have.`,
    );
  }
  if (!grantsOf(config, caller).tool(name, operation)) {
    throw new HydrogenError('not_allowed', `The tool "${name}" is not granted to this caller by any role.`);
  }
  const setting = switchedOffBy(tool, config);
  if (setting !== undefined) throw new HydrogenError('not_allowed', offMessage(name, setting));
}
