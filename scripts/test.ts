// Runs the tests; with `--long` also those called `….long.test.ts`, which take minutes, and more rounds of others
// (test/support/repetitions.ts). With `--coverage` the line coverage of src is reported, gathered by V8 from the test
// processes and some of the threads (test/support/bundled-entries.ts); it fails below 90 %. Commands always run from the
// bundle. With `--words` only tests that need no model run, for machines without its native runtime (Intel Macs): those
// of scripts/windows/tests.ts. Other arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tests } from './windows/tests.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const raw = join(root, 'coverage', 'raw');
const own = ['--coverage', '--long', '--words'];
const asked = process.argv.slice(2).filter((argument) => !own.includes(argument));
const given = process.argv.includes('--words') ? [...asked, ...tests] : asked;
const isCovered = process.argv.includes('--coverage');
const long = process.argv.includes('--long') ? { TEST_LONG: '1' } : {};
/** Stripped and compiled sources: several hundred processes and threads would each make them again. */
const compileCache = join(root, 'node_modules', '.cache', 'hydrogen-tests');

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

const env = { ...process.env, ...long, TEST_BUNDLE: join(root, 'dist') };
if (!isCovered) run('vitest/vitest.mjs', ['run', ...given], { ...env, NODE_COMPILE_CACHE: compileCache });
else {
  rmSync(join(root, 'coverage'), { recursive: true, force: true });
  const covered = { NODE_V8_COVERAGE: raw, TEST_COMPILE_CACHE: compileCache };
  run('vitest/vitest.mjs', ['run', ...given], { ...env, ...covered });
  run('c8/bin/c8.js', [
    'report',
    ...['--temp-directory', raw, '--all', '--src', 'src', '--include', 'src/**/*.ts'],
    ...typesOnly().flatMap((file) => ['--exclude', file]),
    ...['--reporter', 'text', '--reporter', 'text-summary', '--check-coverage', '--lines', '90'],
  ]);
}
