import type { Command } from 'commander';
import { openKeyRing } from '../app.ts';
import { dataDirectoryOf } from '../config/data-directory.ts';
import type { SettingsFile } from '../config/load.ts';
import { describeSettings, printable } from '../config.ts';
import { createLog } from '../observability/log.ts';
import { configOf, wantsJson } from './context.ts';
import { write } from './output.ts';

/** A settings file that is read, or would be. */
export function fileLine({ path, what, isRead }: SettingsFile): string {
  return `settings: ${path} (${what}${isRead ? '' : '; there is none'})`;
}

function show(command: Command): void {
  const { config, settingsFiles, origins } = configOf(command);
  const values: Record<string, unknown> = { ...config, dataDir: dataDirectoryOf(config) };
  const rows = describeSettings().map((setting) => ({
    ...setting,
    value: printable(setting, values[setting.name]),
  }));
  const from = (name: string): string => {
    const origin = origins.get(name);
    return origin === undefined ? '' : `  (${origin})`;
  };
  if (wantsJson(command)) {
    const values = Object.fromEntries(rows.map(({ name, value }) => [name, value ?? null]));
    write(JSON.stringify({ ...values, $files: settingsFiles, $from: Object.fromEntries(origins) }));
    return;
  }
  for (const file of settingsFiles) write(fileLine(file));
  write('');
  for (const [group, settings] of Map.groupBy(rows, (setting) => setting.group)) {
    write(`[${group}]\n`);
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
    .description('every setting with its value; and where it came from')
    .action((_options, command: Command) => show(command));
  program
    .command('rotate-keys')
    .description('make a new key for cursors; what the last two keys signed stays valid')
    .action(async (_options, command: Command) => {
      const { config } = configOf(command, { logLevel: 'warn' });
      const keys = await openKeyRing(config, createLog(config.logLevel)).rotate();
      const earlier = keys.slice(1).map(({ id }) => id);
      write(
        wantsJson(command)
          ? JSON.stringify({ key: keys[0].id, earlier })
          : `New key ${keys[0].id}. Earlier keys that still verify: ${earlier.join(', ')}.`,
      );
    });
}
