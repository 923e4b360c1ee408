// Qdrant's engine for tests: `qdrant-edge-py` from PyPI, its own storage and scoring, in a virtual environment of its
// own. There is no Qdrant server in the package registries; tests ask the engine through a REST front of ours
// (test/support/servers/qdrant_front.py), and a true server where HYDROGEN_TEST_QDRANT_URL names one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, type Installation, installInto, run } from './installation.ts';

const version = '0.9.0';
const folder = folderOf(`qdrant-edge-${version}`);
const isWindows = process.platform === 'win32';
const pythonIn = (venv: string): string => join(venv, isWindows ? 'Scripts/python.exe' : 'bin/python');

export const qdrantLabel = `Qdrant engine (qdrant-edge-py ${version})`;

/** The Python that has the engine, where `npm run servers` has installed it. */
export const qdrantPython = pythonIn(folder);

export const hasQdrantEngine = (): boolean => existsSync(qdrantPython);

export const installQdrant = (): Promise<Installation> =>
  installInto(folder, async (made) => {
    await run(isWindows ? 'python' : 'python3', ['-m', 'venv', made], made);
    await run(
      pythonIn(made),
      ['-m', 'pip', 'install', '-q', '--no-deps', `qdrant-edge-py==${version}`],
      made,
    );
    await run(pythonIn(made), ['-c', 'import qdrant_edge'], made);
  });
