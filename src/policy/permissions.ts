import type { Caller, Operation } from '../call.ts';
import type { Config } from '../config.ts';
import { HydrogenError } from '../errors.ts';

/** The parts of a tool that policy depends on. */
export interface Guarded {
  readonly name: string;
  readonly operation: Operation;
}

/** The protocol's hints, by operation. */
export const annotations = {
  read: { readOnlyHint: true, openWorldHint: false },
  run: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  ingest: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  write: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
  destroy: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
} as const satisfies Record<Operation, object>;

/** Operations that the settings enable. Workflows can only read, so running them is always enabled. */
function enabled(config: Config): ReadonlySet<Operation> {
  return new Set<Operation>([
    'read',
    'run',
    ...(config.enableIngest ? (['ingest'] as const) : []),
    ...(config.enableWrites ? (['write', 'destroy'] as const) : []),
  ]);
}

/** Whether a tool is offered to this caller under these settings. */
export function offered({ name, operation }: Guarded, config: Config, caller: Caller): boolean {
  return (
    enabled(config).has(operation) &&
    caller.scopes.includes(operation) &&
    !config.disabledTools.includes(name)
  );
}

/** @throws HydrogenError `not_allowed` for a tool that is not offered: checked on every call. */
export function assertOffered(tool: Guarded, config: Config, caller: Caller): void {
  if (offered(tool, config, caller)) return;
  const { name, operation } = tool;
  throw new HydrogenError(
    'not_allowed',
    caller.scopes.includes(operation)
      ? `The tool "${name}" is switched off by this server's settings.`
      : `The tool "${name}" needs the scope "${operation}", which this caller does not have.`,
  );
}
