import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/process.ts';

const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const files = (...patterns: string[]): Promise<string[]> => Array.fromAsync(glob(patterns, { cwd: root }));

const { scripts, devDependencies } = JSON.parse(await read('package.json')) as {
  scripts: Record<string, string>;
  devDependencies: Record<string, string>;
};
const documents = await files('*.md', 'docs/*.md');

/** Paths in a document: in backticks, from a folder of the repository, and the targets of links, from its own folder. */
function pathsIn(text: string, folder = '.'): string[] {
  const quoted = text.matchAll(
    /`((?:\.ci|\.github|docs|models|samples|schemas|scripts|src|test)\/[^`\s]*)`/g,
  );
  const linked = text.matchAll(/\]\((?!https?:)([^)#]+)\)/g);
  return [
    ...[...quoted].map(([, path = '']) => path),
    ...[...linked].map(([, path = '']) => join(folder, path)),
  ];
}

test.each(documents)('every path that %s names exists', async (document) => {
  const named = pathsIn(await read(document), dirname(document)).filter((path) => !/NAME|\*/.test(path));
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('every file that ARCHITECTURE.md names by its last part exists', async () => {
  const known = await files('{src,scripts,test}/**/*.{ts,sql}');
  const named = (await read('ARCHITECTURE.md')).matchAll(/`([\w.-]+(?:\/[\w.-]+)*\.(?:ts|sql))`/g);
  const missing = [...named]
    .map(([, name = '']) => name)
    .filter((name) => !known.some((path) => `/${path}`.endsWith(`/${name}`)));
  expect(missing).toEqual([]);
});

test('CONTRIBUTING.md names the places of what is added most often', async () => {
  const named = pathsIn(await read('CONTRIBUTING.md'));
  expect(named.length).toBeGreaterThan(30);
});

test('every npm script that is named anywhere exists', async () => {
  const places = [
    ...documents,
    '.ci/run',
    ...(await files('.github/**/*.yml', 'samples/*.md', '{src,scripts,test}/**/*.{ts,wat}')),
  ];
  const missing = await Promise.all(
    places.map(async (place) => {
      const named = (await read(place)).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g);
      return [...named]
        .filter(([, name = '']) => !(name in scripts))
        .map(([command]) => `${place}: ${command}`);
    }),
  );
  expect(missing.flat()).toEqual([]);
});

test('npm run X runs scripts/X.ts, whether or not X begins with "test:"', () => {
  // `prepare` is npm's own, `start` is the product, and `check` is several programs.
  const { prepare: _prepare, start: _start, check: _check, ...ours } = scripts;
  const others = Object.entries(ours).filter(
    ([name, command]) => !command.endsWith(`node scripts/${name.replace('test:', '')}.ts`),
  );
  expect(others).toEqual([]);
});

test('CONTRIBUTING.md says what each npm script is for', async () => {
  const text = await read('CONTRIBUTING.md');
  const { prepare: _prepare, start: _start, ...ours } = scripts;
  const unnamed = Object.keys(ours).filter((name) => !new RegExp(`npm (run )?${name}\\b`).test(text));
  expect(unnamed).toEqual([]);
});

test('one version of Node stands in .nvmrc, in the image and among the packages', async () => {
  const major = (await read('.nvmrc')).trim();
  expect(devDependencies['node']?.split('.')[0]).toBe(major);
  const images = [...(await read('Dockerfile')).matchAll(/^FROM node:(\d+)/gm)].map(([, version]) => version);
  expect(new Set(images)).toEqual(new Set([major]));
});

test('editors indent and wrap as Biome does', async () => {
  const { formatter } = JSON.parse(await read('biome.json')) as {
    formatter: { indentStyle: string; indentWidth: number; lineWidth: number };
  };
  const everywhere = /^\[\*\]\n([^[]*)/m.exec(await read('.editorconfig'))?.[1] ?? '';
  const entries = everywhere.matchAll(/^(\w+) = (.*)$/gm);
  expect(Object.fromEntries([...entries].map(([, key, value]) => [key, value]))).toMatchObject({
    indent_style: formatter.indentStyle,
    indent_size: String(formatter.indentWidth),
    max_line_length: String(formatter.lineWidth),
  });
});
