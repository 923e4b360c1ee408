// Qdrant's engine for tests: `qdrant-edge-py` from PyPI, its own storage and scoring, in a virtual environment of its
// own. There is no Qdrant server in the package registries; tests ask the engine through a REST front of ours
// (test/support/servers/qdrant_front.py), and a true server where HYDROGEN_TEST_QDRANT_URL names one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const version = '0.9.0';
const folder = join(
  process.env['HYDROGEN_TEST_QDRANT'] ?? join(homedir(), '.cache', 'hydrogen-test-qdrant'),
  'venv',
);
const isWindows = process.platform === 'win32';

/** The Python that has the engine, where `npm run servers` has installed it. */
export const qdrantPython = join(folder, isWindows ? 'Scripts/python.exe' : 'bin/python');

export const hasQdrantEngine = (): boolean => existsSync(join(folder, `qdrant-edge-${version}`));

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (text: Buffer): void => {
      output = (output + text).slice(-2_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', () => reject(new Error(`there is no ${command}`)));
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${command} ${args.join(' ')} failed: ${output.trim().split('\n').at(-1)}`)),
    );
  });
}

/** Installs the engine and says what came of it; never fails. */
export async function installQdrant(): Promise<string> {
  const label = `Qdrant engine (qdrant-edge-py ${version})`;
  if (hasQdrantEngine()) return `${label}: ready`;
  try {
    await rm(folder, { recursive: true, force: true });
    await run(isWindows ? 'python' : 'python3', ['-m', 'venv', folder]);
    await run(qdrantPython, ['-m', 'pip', 'install', '-q', '--no-deps', `qdrant-edge-py==${version}`]);
    await run(qdrantPython, [
      '-c',
      `import qdrant_edge, pathlib; pathlib.Path(${JSON.stringify(join(folder, `qdrant-edge-${version}`))}).touch()`,
    ]);
    return `${label}: installed`;
  } catch (error) {
    return `${label}: SKIPPED: ${error instanceof Error ? error.message : error}`;
  }
}
