import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/process.ts';

const text = await readFile(join(root, 'SECURITY.md'), 'utf8');
const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

interface Promised {
  readonly promise: string;
  readonly shownBy: string;
}

/** The rows of the tables under "What is promised". */
const promises: Promised[] = (text.split('\n## What is promised\n')[1]?.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise |'))
  .map((line) => {
    const [, promise = '', shownBy = ''] = /^\| (.*) \| (.*) \|$/.exec(line) ?? [];
    return { promise, shownBy };
  });

/** A reference is a test by file and name, or a script. */
async function fault({ shownBy }: Promised): Promise<string | undefined> {
  const script = /^`npm run ([\w-]+)`$/.exec(shownBy)?.[1];
  if (script !== undefined) return script in scripts ? undefined : `there is no script ${script}`;
  const [, file = '', title = ''] = /^`(test\/[^`]+)`: "(.+)"$/.exec(shownBy) ?? [];
  if (file === '') return `names neither a test nor a script: ${shownBy}`;
  if (!existsSync(join(root, file))) return `there is no ${file}`;
  const source = await readFile(join(root, file), 'utf8');
  const written = [title, title.replaceAll("'", "\\'")].flatMap((one) => [
    `'${one}'`,
    `"${one}"`,
    `\`${one}\``,
  ]);
  return written.some((one) => source.includes(one)) ? undefined : `${file} has no test "${title}"`;
}

test('SECURITY.md says what is promised', () => {
  expect(promises.length).toBeGreaterThan(30);
});

test('each promise of SECURITY.md is shown by a test that exists, or a script', async () => {
  const faults = await Promise.all(promises.map(fault));
  expect(faults.filter((one) => one !== undefined)).toEqual([]);
});
