import type { CallToolResult } from '@modelcontextprotocol/client';
import pc from 'picocolors';
import { table } from './table.ts';

const width = 96;

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function heading(text: string): void {
  say(`\n${pc.bold(text)}\n${'-'.repeat(text.length)}`);
}

export function paragraph(...lines: string[]): void {
  say(`\n${lines.join('\n')}`);
}

/** Text wrapped at word boundaries and indented. */
function wrapped(text: string, indent: string): string {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length + 1 > width && line !== '') lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => indent + line).join('\n');
}

const texts = ({ content }: CallToolResult): string[] =>
  content.flatMap((block) => (block.type === 'text' ? [block.text] : []));

function jsonLines(result: CallToolResult): Record<string, unknown>[] {
  const [, lines = ''] = texts(result);
  return lines === '' ? [] : lines.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Passages with where they come from. */
export function passages(result: CallToolResult): void {
  for (const { document, lines, heading: place, title, text } of jsonLines(result)) {
    say(`  ${pc.cyan(`${document}:${lines}`)}  ${place ?? title}`);
    say(wrapped(String(text).slice(0, 320), '      ') + (String(text).length > 320 ? ' …' : ''));
  }
}

export function rowsTable(result: CallToolResult | { rows: Record<string, unknown>[] }): void {
  if (!('content' in result)) {
    say(table(result.rows));
    return;
  }
  say(table(jsonLines(result)));
  say(pc.dim((texts(result)[0] ?? '').split(' The next block')[0] ?? ''));
}

/** A result of any shape: lists of objects as tables, the rest as lines. */
export function facts(value: unknown, name = ''): void {
  if (Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null)) {
    if (name) say(`${name}:`);
    say(table(value as Record<string, unknown>[]));
  } else if (Array.isArray(value)) {
    say(wrapped(`${name}: ${value.join(', ')}`, ''));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) facts(inner, key);
  } else {
    say(wrapped(`${name}: ${String(value)}`, ''));
  }
}
