// Writes the generated parts of README.md: `npm run docs`. With --check it fails where they have drifted.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describeSettings } from '../src/config.ts';
import { tools } from '../src/tools/tools.ts';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function settingsTable(): string {
  const rows = describeSettings().map(({ name, environment, type, default: value, description, secret }) => [
    `\`${name}\`<br>\`${environment}\``,
    type,
    value === undefined ? '' : `\`${value}\``,
    secret ? `${description} Secret: also \`${environment}_FILE\`.` : description,
  ]);
  return table(['Setting', 'Type', 'Default', 'What it does'], rows);
}

function toolsTable(): string {
  return table(
    ['Tool', 'Operation', 'What it does'],
    tools.map(({ name, operation, description }) => [`\`${name}\``, operation, description]),
  );
}

/** The text with each `<!-- generated: name -->` part replaced. */
export function withGenerated(text: string): string {
  const parts: Record<string, string> = { settings: settingsTable(), tools: toolsTable() };
  return Object.entries(parts).reduce((made, [name, part]) => {
    const marks = new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!marks.test(made)) throw new Error(`README.md has no part "${name}"`);
    return made.replace(marks, (_all, before: string, after: string) => `${before}${part}\n${after}`);
  }, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await readFile(readme, 'utf8');
  const made = withGenerated(text);
  if (made !== text && process.argv.includes('--check')) {
    process.stderr.write('README.md has drifted from the code: run `npm run docs`.\n');
    process.exitCode = 1;
  } else if (made !== text) await writeFile(readme, made);
}
