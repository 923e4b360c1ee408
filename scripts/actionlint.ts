// Checks .github/workflows with actionlint: npm run actionlint
// It is built with Go at its first use, into ~/.cache/hydrogen-actionlint. Where it cannot be had that is said, and the
// check is skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = 'v1.7.12';
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(homedir(), '.cache', 'hydrogen-actionlint', version);
const program = join(folder, process.platform === 'win32' ? 'actionlint.exe' : 'actionlint');

/** Why it is not there; undefined when it is. */
function install(): string | undefined {
  if (existsSync(program)) return undefined;
  const { error, status, stderr } = spawnSync(
    'go',
    ['install', `github.com/rhysd/actionlint/cmd/actionlint@${version}`],
    { env: { ...process.env, GOBIN: folder }, encoding: 'utf8' },
  );
  if (error) return 'there is no Go';
  return status === 0 ? undefined : `go install failed: ${stderr.trim().split('\n').at(-1)}`;
}

const reason = install();
if (reason === undefined) {
  const { status } = spawnSync(program, ['-color'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
  if (status === 0) console.log(`actionlint ${version}: no findings`);
} else {
  console.log(`actionlint ${version}: SKIPPED: ${reason}`);
}
