import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type WindowsNode, wineEnvironment } from './installation.ts';

/** How a program of Windows ended, and all that it printed. */
export interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** The project as Windows sees it, in a folder of its own: its files, and the packages for Windows. */
export interface WindowsProject {
  /** Runs Node in the project; ended after `limitMs`. */
  node(
    args: readonly string[],
    settings?: Readonly<Record<string, string>>,
    limitMs?: number,
  ): Promise<Ended>;
  /** How Windows names a file of this system. */
  nameOf(path: string): string;
  readonly folder: string;
  remove(): Promise<void>;
}

/** Wine shows the whole file system of this machine as a drive. */
const nameOf = (path: string): string => `Z:${path.replaceAll('/', '\\')}`;

const ownFiles: ReadonlySet<string> = new Set(['node_modules', '.git', 'coverage']);

export async function windowsProject(root: string, windows: WindowsNode): Promise<WindowsProject> {
  const folder = await mkdtemp(join(tmpdir(), 'hydrogen-windows-'));
  // Wine shows what a link leads to in its place.
  for (const name of await readdir(root)) {
    if (!ownFiles.has(name)) await symlink(join(root, name), join(folder, name));
  }
  await symlink(windows.modules, join(folder, 'node_modules'));
  const temporary = join(folder, 'temporary');
  await mkdir(temporary);
  const preload = join(folder, 'scripts', 'windows', 'under-wine.ts');
  const environment = {
    ...wineEnvironment(windows.prefix),
    TEST_TEMP: nameOf(temporary),
    NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${pathToFileURL(preload).href.replace('file:///', 'file:///Z:/')}`,
    NO_COLOR: '1',
  };
  let outputs = 0;

  return {
    nameOf,
    folder,
    async node(args, settings = {}, limitMs = 120_000) {
      // A pipe of this system is none to Node under Wine: it fails with EBADF.
      const path = join(temporary, `output-${outputs++}`);
      const output = await open(path, 'w');
      const child = spawn(windows.program, [windows.node, ...args], {
        cwd: folder,
        env: { ...process.env, ...environment, ...settings },
        stdio: ['ignore', output.fd, output.fd],
        timeout: limitMs,
        killSignal: 'SIGKILL',
      });
      const [status] = (await once(child, 'exit')) as [number | null];
      await output.close();
      return { status, output: await readFile(path, 'utf8') };
    },
    async remove() {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
