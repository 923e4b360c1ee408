import { type Command, Option } from 'commander';
import { storesOf } from '../config/stores.ts';
import type { Config } from '../config.ts';
import type { Moved } from '../move/move.ts';
import type { Direction } from '../open-move.ts';
import { plural } from '../tools/common/queries.ts';
import { configOf, runCommand, wantsJson } from './context.ts';
import { note, write } from './output.ts';

/** The settings with which a server uses what was moved; those alone that are not so yet. */
function settingsAfter(to: Direction, { library, runs }: Moved, config: Config): Record<string, string> {
  const [catalog, index, journal] =
    to === 'servers' ? ['mongodb', 'qdrant', 'mongodb'] : ['embedded', 'embedded', 'embedded'];
  const wanted = {
    ...(library && { catalogStore: catalog, indexStore: index }),
    ...(runs && { journalStore: journal }),
  };
  const stores = storesOf(config);
  const now: Record<string, string> = {
    catalogStore: stores.catalog,
    indexStore: stores.index,
    journalStore: stores.journal,
  };
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => now[name] !== value));
}

const sideText = ({ count, digest }: { count: number; digest?: string }): string =>
  digest === undefined ? String(count) : `${count} (${digest})`;

async function writeComparison(to: Direction, { library, runs }: Moved): Promise<void> {
  const { table } = await import('./layout.ts');
  const rows = [...(library?.compared ?? []), ...(runs?.compared ?? [])];
  const lines = rows.map(({ what, from, to }) => [what, sideText(from), sideText(to)]);
  const from = to === 'servers' ? 'embedded' : 'servers';
  write(table([['', from, to], ...lines]));
}

function writeNotes(to: Direction, moved: Moved, config: Config): void {
  const { library, runs } = moved;
  if (library && !library.takesVectors) {
    note(
      'The target has vectors of another embedding model: those that are missing are made there, by its model.',
    );
  }
  if (runs && runs.unfinished > 0) {
    note(
      `${plural(runs.unfinished, 'run')} not ended: left where they are, since they would be executed twice. Let a server with the old settings finish or cancel them, and move again.`,
    );
  }
  note('Not copied: exports, and the collections of the embedded store (`hydrogen export` and `import`).');
  const settings = Object.entries(settingsAfter(to, moved, config));
  if (settings.length === 0) note('The settings already say to use it: start the servers.');
  else {
    const lines = settings.map(([name, value]) => `  ${name} = ${value}`);
    const where = to === 'servers' ? 'Set this on every node' : 'Set this';
    note(`${where}, then start the servers:\n${lines.join('\n')}`);
  }
  note('What was copied is still where it was; remove it there when you no longer need it.');
}

async function run({ to, merge }: { to: Direction; merge: boolean }, command: Command): Promise<void> {
  const { config } = configOf(command);
  let moved: Moved | undefined;
  const work = runCommand(command, 'Moving', 'destroy', async (app, call) => {
    const [{ openMove }, { move }] = await Promise.all([
      import('../open-move.ts'),
      import('../move/move.ts'),
    ]);
    const opened = openMove(app.config, to);
    const report = (done: Moved): void => {
      moved = done;
    };
    await move(opened, { merge }, report, call).finally(() => opened.close());
  });
  const failed = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (moved && wantsJson(command)) {
    write(JSON.stringify({ ...moved, settings: settingsAfter(to, moved, config) }));
  } else if (moved) {
    await writeComparison(to, moved);
    if (failed === undefined) writeNotes(to, moved, config);
  }
  if (failed !== undefined) throw failed;
}

const help = `
Stop all servers first: what they change meanwhile is missed, and said in the end.

The servers are those that the settings name: mongodbUrl and qdrantUrl for the library, mongodbUrl for runs. Where
catalogStore or journalStore is "mongodb", only what they choose is moved. The embedded store is that of --data-dir.

Documents go with their text, passages, vectors, folders that are kept in sync, and positions of followed
collections; runs that have ended with their steps, signing keys, so that cursors and sessions stay valid, and API keys.
Runs that have not ended are left where they are. Exports and collections are not copied.

Nothing is taken from the source. Interrupted, it is completed by the same command. In the end both sides are read
again and compared; a difference is an error.`;

export function registerMove(program: Command): void {
  program
    .command('move')
    .description('copy the library and the runs between the embedded store and servers')
    .addOption(new Option('--to <where>', 'where to').choices(['servers', 'embedded']).makeOptionMandatory())
    .option(
      '--merge',
      'keep what else the target holds; what both hold becomes as it is at the source',
      false,
    )
    .addHelpText('after', help)
    .action(run);
}
