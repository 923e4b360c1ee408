import type { Command } from 'commander';
import { dataDirectoryOf } from '../config/data-directory.ts';
import type { SettingsFile } from '../config/load.ts';
import { describeSettings, printable } from '../config.ts';
import { badInput } from '../errors.ts';
import { createLog } from '../observability/log.ts';
import { openKeyRing } from '../open-stores.ts';
import { similarNames } from '../similar-names.ts';
import { configOf, wantsJson } from './context.ts';
import { withRealPlace } from './doctor-place.ts';
import { write } from './output.ts';

/** A settings file that is read, or would be. */
export function fileLine({ path, what, isRead }: SettingsFile): string {
  return `settings: ${path} (${what}${isRead ? '' : '; there is none'})`;
}

type Row = ReturnType<typeof describeSettings>[number] & { readonly value: unknown };

/** @throws HydrogenError `bad_input` for a setting that there is not */
function namedIn<R extends Row>(rows: readonly R[], name: string): readonly R[] {
  const found = rows.filter((row) => row.name === name);
  if (found.length > 0) return found;
  const near = similarNames(
    name,
    rows.map((row) => row.name),
  );
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((other) => `"${other}"`).join(' or ')}?`
      : '`hydrogen config` lists all settings.';
  throw badInput(`There is no setting "${name}". ${hint}`, { suggestions: near });
}

function show(name: string | undefined, command: Command): void {
  const { config, settingsFiles, origins } = configOf(command);
  const values: Record<string, unknown> = { ...config, dataDir: dataDirectoryOf(config) };
  const all = describeSettings().map((setting) => ({
    ...setting,
    value: printable(setting, values[setting.name]),
  }));
  const rows = name === undefined ? all : namedIn(all, name);
  const from = (name: string): string => {
    const origin = origins.get(name);
    return origin === undefined ? '' : `  (${origin})`;
  };
  if (wantsJson(command)) {
    const shown = Object.fromEntries(rows.map((row) => [row.name, row.value ?? null]));
    const more = { $files: settingsFiles, $from: Object.fromEntries(origins) };
    write(JSON.stringify(name === undefined ? { ...shown, ...more } : shown));
    return;
  }
  if (name === undefined) write(`data directory: ${withRealPlace(dataDirectoryOf(config))}`);
  if (name === undefined) for (const file of settingsFiles) write(fileLine(file));
  if (name === undefined) write('');
  for (const [group, settings] of Map.groupBy(rows, (setting) => setting.group)) {
    if (name === undefined) write(`[${group}]\n`);
    for (const { name, environment, value, description } of settings) {
      write(
        `${name} = ${JSON.stringify(value) ?? '(not set)'}${from(name)}\n    ${description}\n    ${environment}\n`,
      );
    }
  }
}

/** The settings section of `--help`. */
export function settingsHelp(): string {
  const lines = [...Map.groupBy(describeSettings(), ({ group }) => group)].map(
    ([group, settings]) => `  ${group.padEnd(15)}  ${wrapped(settings.map(({ name }) => name))}`,
  );
  return `\nSettings, for --set and hydrogen.json (\`hydrogen config\` explains each):\n${lines.join('\n')}`;
}

/** Names wrapped at 80 columns, beside the column of groups. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const line = lines.at(-1);
    if (line === undefined || line.length + name.length > 60) lines.push(name);
    else lines.push(`${lines.pop()}, ${name}`);
  }
  return lines.join(`,\n${' '.repeat(19)}`);
}

export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('every setting with its value, and where it came from; or one of them')
    .argument('[name]', 'of one setting')
    .action((name: string | undefined, _options, command: Command) => show(name, command));
  program
    .command('rotate-keys')
    .description(
      'make a new key for cursors, sessions, confirmations and links; what the last two keys signed stays valid',
    )
    .action(async (_options, command: Command) => {
      const { config } = configOf(command, { logLevel: 'warn' });
      const ring = openKeyRing(config, createLog(config.logLevel));
      const keys = await ring.keys.rotate().finally(() => ring.close());
      const earlier = keys.slice(1).map(({ id }) => id);
      write(
        wantsJson(command)
          ? JSON.stringify({ key: keys[0].id, earlier })
          : `New key ${keys[0].id}. Earlier keys that still verify: ${earlier.join(', ')}.`,
      );
    });
}
