// Runs the tests and reports the line coverage of src, gathered by V8 from the test processes, the child
// processes they start and all worker threads. Fails below 90 %. Arguments go to vitest; with any, only
// those tests run and coverage is not judged.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const raw = join(root, 'coverage', 'raw');
const given = process.argv.slice(2);

function run(script: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const path = join(root, 'node_modules', script);
  const { status } = spawnSync(process.execPath, [path, ...args], { cwd: root, stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
}

/** Files that hold nothing but types are never loaded: they have no lines to cover. */
function typesOnly(): string[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => {
      const code = stripTypeScriptTypes(readFileSync(join(root, 'src', file), 'utf8'));
      return (
        code.replace(/\/\*[\s\S]*?\*\/|\/\/.*|import\s+'[^']*';|import\s*\{\s*\}[^;]*;/g, '').trim() === ''
      );
    })
    .map((file) => `src/${file.replaceAll('\\', '/')}`);
}

rmSync(join(root, 'coverage'), { recursive: true, force: true });
run('vitest/vitest.mjs', ['run', ...given], {
  ...process.env,
  NODE_V8_COVERAGE: raw,
  // Functions that come from the compile cache are not counted.
  NODE_DISABLE_COMPILE_CACHE: '1',
});
if (given.length === 0) {
  run('c8/bin/c8.js', [
    'report',
    ...['--temp-directory', raw, '--all', '--src', 'src', '--include', 'src/**/*.ts'],
    ...typesOnly().flatMap((file) => ['--exclude', file]),
    ...['--reporter', 'text', '--reporter', 'text-summary', '--check-coverage', '--lines', '90'],
  ]);
}
