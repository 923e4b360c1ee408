import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { dataDirectoryOf } from '../config/data-directory.ts';
import { storesOf } from '../config/stores.ts';
import type { Config } from '../config.ts';
import { configOf, runCommand, runCommandFirst, wantsJson } from './context.ts';
import { note, write } from './output.ts';

interface Flags {
  readonly keys?: string;
}

/** What a backup leaves out, for whoever counts on it. */
function leftOut({ keys }: Flags, config: Config): string[] {
  const { catalog, index, journal } = storesOf(config);
  const servers = [
    ...(catalog === 'mongodb' || journal === 'mongodb' ? ['MongoDB (mongodump)'] : []),
    ...(index === 'qdrant' ? ['Qdrant (snapshots)'] : []),
  ];
  return [
    `Not in it: hydrogen.json, exported files, downloaded models${keys === undefined ? ', and the signing keys (--keys FOLDER)' : ''}.`,
    ...(servers.length > 0 ? [`What is on ${servers.join(' and ')} is backed up there.`] : []),
  ];
}

async function backUpTo(folder: string, flags: Flags, command: Command): Promise<void> {
  const { config } = configOf(command);
  // Who has the signing keys can make sessions, links and confirmations: that is no plain read.
  const operation = flags.keys === undefined ? 'read' : 'destroy';
  const manifest = await runCommand(command, 'Backing up', operation, async (app, call) => {
    const { openBackup } = await import('../open-backup.ts');
    return openBackup(app.config).backUp(folder, flags.keys, call);
  });
  if (wantsJson(command)) write(JSON.stringify(manifest));
  else {
    const { bytes, format, madeAt } = manifest;
    write(
      `${folder}: the store as it was at ${madeAt}, ${bytes.toLocaleString('en')} bytes, format ${format}, checked.`,
    );
    for (const line of leftOut(flags, config)) note(line);
  }
}

async function restoreFrom(folder: string, flags: Flags, command: Command): Promise<void> {
  const { config } = configOf(command);
  const dataDirectory = dataDirectoryOf(config);
  const hasKeys = flags.keys !== undefined || existsSync(join(dataDirectory, 'keys.json'));
  const manifest = await runCommandFirst(command, 'Restoring', 'destroy', async (app, call) => {
    const { openBackup } = await import('../open-backup.ts');
    return openBackup(app.config).restore(folder, flags.keys, call);
  });
  if (wantsJson(command)) write(JSON.stringify(manifest));
  else {
    write(`${dataDirectory}: the store as it was at ${manifest.madeAt}.`);
    note(
      'API keys are as they were then: one that was revoked or rotated since is good again. Look at `hydrogen keys list`, and revoke it.',
    );
    if (!hasKeys) {
      note(
        'The signing keys are new: sessions, cursors and links from before the restore have ended. Only a restore with --keys FOLDER keeps them.',
      );
    }
  }
}

export function registerBackup(program: Command): void {
  program
    .command('backup')
    .description('copy the embedded store, which may be in use, as it is at one moment, and check the copy')
    .argument('<folder>', 'a new folder, which only you can read')
    .option('--keys <folder>', 'also copy the signing keys, into another new folder: keep it apart')
    .action(backUpTo);
  program
    .command('restore')
    .description('put a backup into a data directory that has no store')
    .argument('<folder>', 'what `hydrogen backup` made')
    .option('--keys <folder>', 'also take the signing keys from there')
    .action(restoreFrom);
}
