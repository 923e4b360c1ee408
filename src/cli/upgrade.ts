import type { Command } from 'commander';
import { systemCall } from '../call.ts';
import { badInput } from '../errors.ts';
import { createLog } from '../observability/log.ts';
import { version } from '../version.ts';
import { configOf, wantsJson } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { write } from './output.ts';

interface Flags {
  readonly check?: boolean;
  readonly backup?: string;
}

/** How long a server may take to answer, ms. */
const limitMs = 20_000;

const marks = { current: 'ok', changes: 'changes', refused: 'REFUSED', unknown: 'unknown' } as const;

/** Not dispatched: that would open the store, which is what an upgrade does. */
async function upgrade({ check, backup }: Flags, command: Command): Promise<void> {
  if (!check) {
    throw badInput(
      'There is no command for that: the store is upgraded when a server of the new version starts. `hydrogen upgrade --check` says what that start would do.',
    );
  }
  const { config } = configOf(command, { logLevel: 'error' });
  const { checkUpgrade } = await import('../check-upgrade.ts');
  const call = systemCall(createLog(config.logLevel, 'text'), { limitMs });
  const parts = await checkUpgrade(config, backup, call);
  if (parts.some(({ state }) => state === 'refused' || state === 'unknown')) {
    process.exitCode = exitCodes.unavailable;
  }
  if (wantsJson(command)) {
    write(JSON.stringify({ version, parts }));
    return;
  }
  write(`hydrogen ${version} would find:`);
  for (const { name, state, detail, action } of parts) {
    write(`${marks[state].padEnd(8)} ${name}: ${detail}.`);
    if (action !== undefined) write(`         ${action}`);
  }
}

export function registerUpgrade(program: Command): void {
  program
    .command('upgrade')
    .description('what a start of this version would do to what is stored')
    .option('--check', 'look, and change nothing')
    .option('--backup <folder>', 'also look at a backup that `hydrogen backup` made')
    .action(upgrade);
}
