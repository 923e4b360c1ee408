// Writes the generated parts of README.md, docs/mongodb.md, docs/workflows.md, schemas/hydrogen.schema.json and the dashboard in
// deploy/grafana: `npm run docs`. With --check it fails where they have drifted.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileNameOf } from '../src/config/secret-files.ts';
import { describeSettings, type SettingInfo } from '../src/config.ts';
import { formats } from '../src/library/reading/formats.ts';
import { tools } from '../src/tools/tools.ts';
import { dashboard } from './docs/dashboard.ts';
import { mongodbSupport } from './docs/mongodb.ts';
import { settingsSchema } from './docs/settings-schema.ts';
import { table } from './docs/table.ts';
import { functionsTable } from './docs/workflows.ts';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const mongodb = fileURLToPath(new URL('../docs/mongodb.md', import.meta.url));
const workflows = fileURLToPath(new URL('../docs/workflows.md', import.meta.url));
const schema = fileURLToPath(new URL('../schemas/hydrogen.schema.json', import.meta.url));
const grafana = fileURLToPath(new URL('../deploy/grafana/hydrogen.json', import.meta.url));

function settingsRow({
  name,
  environment,
  type,
  default: value,
  description,
  secret,
}: SettingInfo): string[] {
  return [
    `\`${name}\`<br>\`${environment}\``,
    type,
    value === undefined ? '' : `\`${value}\``,
    secret
      ? `${description} Secret: \`${fileNameOf(name)}\` or \`${environment}_FILE\` names a file with it.`
      : description,
  ];
}

function settingsTables(): string {
  const head = ['Setting', 'Type', 'Default', 'What it does'];
  const tables = [...Map.groupBy(describeSettings(), (setting) => setting.group)].map(
    ([group, settings]) => `### ${group}\n\n${table(head, settings.map(settingsRow))}`,
  );
  return `\n${tables.join('\n\n')}\n`;
}

function toolsTable(): string {
  return table(
    ['Tool', 'Operation', 'What it does'],
    tools.map(({ name, operation, description }) => [`\`${name}\``, operation, description]),
  );
}

function formatsTable(): string {
  return table(
    ['Format', 'Files'],
    Object.values(formats).map(({ label, extensions, fileNames = [] }) => [
      label,
      [...extensions, ...fileNames.map((name) => name.toUpperCase())].map((one) => `\`${one}\``).join(' '),
    ]),
  );
}

/** The text with each of the `<!-- generated: name -->` parts replaced. */
function replaced(text: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((made, [name, part]) => {
    const marks = new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!marks.test(made)) throw new Error(`There is no part "${name}"`);
    return made.replace(marks, (_all, before: string, after: string) => `${before}${part}\n${after}`);
  }, text);
}

/** README.md with its generated parts. */
export function withGenerated(text: string): string {
  return replaced(text, { settings: settingsTables(), tools: toolsTable(), formats: formatsTable() });
}

/** Every file that is written here, wholly or in parts, as it is to be. */
async function made(): Promise<{ readonly path: string; readonly text: string }[]> {
  return [
    { path: readme, text: withGenerated(await readFile(readme, 'utf8')) },
    { path: mongodb, text: mongodbSupport() },
    {
      path: workflows,
      text: replaced(await readFile(workflows, 'utf8'), { functions: functionsTable() }),
    },
    { path: schema, text: `${JSON.stringify(settingsSchema(), null, 2)}\n` },
    { path: grafana, text: `${JSON.stringify(dashboard(), null, 2)}\n` },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, text } of await made()) {
    const there = await readFile(path, 'utf8').catch(() => '');
    if (there === text) continue;
    if (process.argv.includes('--check')) {
      process.stderr.write(`${basename(path)} has drifted from the code: run \`npm run docs\`.\n`);
      process.exitCode = 1;
    } else {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  }
}
