import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/process.ts';

const src = join(root, 'src');

/** Where what comes from outside tells in its text only what it is. There it becomes a code or reason of ours. */
const boundaries: readonly string[] = [
  // The place of what JSON.parse cannot read.
  'config/load.ts',
  // A package that is missing, and the failures of a download.
  'embeddings/load-model.ts',
  // Systems that cannot load the native part of that package.
  'embeddings/runtime-failures.ts',
  // Libraries that have wrapped an EMFILE.
  'file-errors.ts',
  // Servers that speak MongoDB's protocol, and the driver.
  'stores/mongodb/errors.ts',
  // Qdrant's client, and Node's fetch.
  'stores/qdrant/errors.ts',
  // The YAML parser.
  'workflows/definitions/check.ts',
  // jq's compiler.
  'workflows/expressions/jq-program.ts',
];

/** A look at the text of an error: what it begins with or holds, whether it matches or equals another. */
const looks: readonly RegExp[] = [
  /\bmessage\b[^;\n]{0,40}\.(?:startsWith|endsWith|includes|indexOf|match|matchAll|search)\(/g,
  /\.(?:test|exec)\([^;\n]{0,60}\bmessage\b/g,
  /\.message\s*[!=]==?/g,
];

const found = (text: string): string[] =>
  looks.flatMap((look) => [...text.matchAll(look)].map(([part]) => part));

async function looksInSources(): Promise<Map<string, string[]>> {
  const files = (await readdir(src, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const all = new Map<string, string[]>();
  for (const file of files) {
    const parts = found(await readFile(join(src, file), 'utf8'));
    if (parts.length > 0) all.set(file.replaceAll(sep, '/'), parts);
  }
  return all;
}

test('an error is known by its code or reason: its text is looked at only where another program made it', async () => {
  const looked = await looksInSources();
  const ours = [...looked].filter(([file]) => !boundaries.includes(file));
  expect(ours, 'ask for error.code or error.reason').toEqual([]);
  expect(
    boundaries.filter((file) => !looked.has(file)),
    'no boundary any more',
  ).toEqual([]);
});

test.each([
  "if (error.message.startsWith('The call'))",
  "error.message.includes('add an index')",
  'lost.test(error.message)',
  '/a|b/.exec(error.cause.message)',
  'error.message === drifted',
])('`%s` would be found', (line) => {
  expect(found(line)).not.toEqual([]);
});
