// Runs the tests and reports the line coverage of src, gathered by V8 from the test processes, the child
// processes they start and all worker threads. Fails below 90 %. Arguments go to vitest; with any, only
// those tests run and coverage is not judged.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
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

rmSync(join(root, 'coverage'), { recursive: true, force: true });
run('vitest/vitest.mjs', ['run', ...given], { ...process.env, NODE_V8_COVERAGE: raw });
if (given.length === 0) {
  run('c8/bin/c8.js', [
    'report',
    ...['--temp-directory', raw, '--all', '--src', 'src', '--include', 'src/**/*.ts'],
    ...['--reporter', 'text-summary', '--reporter', 'lcovonly', '--check-coverage', '--lines', '90'],
  ]);
}
