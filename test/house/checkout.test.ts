import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What git does with the line ends of a file, as `git check-attr` prints it. */
function attributes(path: string): string[] {
  const { stdout } = spawnSync('git', ['check-attr', 'text', 'eol', '--', path], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.slice(path.length + 2));
}

test.each([
  'models/hydrogen-embed-small-en/config.json',
  'models/hydrogen-embed-small-en/onnx/model_quantized.onnx',
  'test/stores/embedded/data-directories/format-9/hydrogen.sqlite.gz',
])('git never changes the bytes of %s, whose digest counts', (path) => {
  expect(attributes(path)).toContain('text: unset');
});

test.each(['.ci/run', 'src/cli.ts', 'README.md'])('%s has the same line ends in every checkout', (path) => {
  expect(attributes(path)).toContain('eol: lf');
});
