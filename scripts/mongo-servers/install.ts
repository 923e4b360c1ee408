import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const serverNames = ['ferretdb', 'mongo-java-server'] as const;
export type ServerName = (typeof serverNames)[number];

const cache = process.env['HYDROGEN_MONGO_SERVERS'] ?? join(homedir(), '.cache', 'hydrogen-mongo-servers');
const sources = fileURLToPath(new URL('.', import.meta.url));

/** A folder for what was made of these very sources, so that an older build is not taken for it. */
function folderOf(name: string, files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(sources, file)));
  return join(cache, `${name}-${hash.digest('hex').slice(0, 8)}`);
}

const folders: Readonly<Record<ServerName, string>> = {
  ferretdb: folderOf('ferretdb-1.24.2', ['ferret.go.txt']),
  'mongo-java-server': folderOf('mongo-java-server-1.47.0', ['Main.java', 'pom.xml']),
};

export const binary = join(folders.ferretdb, process.platform === 'win32' ? 'ferret.exe' : 'ferret');
export const javaFolder = folders['mongo-java-server'];

/** Whether the server was installed by an earlier `npm run servers`. */
export function installed(name: ServerName): boolean {
  return existsSync(folders[name]);
}

/** Runs a command to its end; throws its last lines of output when it fails. */
function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (text: Buffer): void => {
      output = (output + text).slice(-2_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) =>
      reject(
        new Error('code' in error && error.code === 'ENOENT' ? `there is no ${command}` : String(error)),
      ),
    );
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${command} ${args[0]} failed: ${output.trim().split('\n').slice(-3).join(' ')}`)),
    );
  });
}

async function buildFerret(folder: string): Promise<void> {
  // A go.mod that asks for the exact version: `go install …@v1.24.2` needs the list of versions, which some
  // proxies do not give.
  await writeFile(
    join(folder, 'go.mod'),
    'module ferret\n\ngo 1.24\n\nrequire github.com/FerretDB/FerretDB v1.24.2\n',
  );
  await cp(join(sources, 'ferret.go.txt'), join(folder, 'main.go'));
  await run('go', ['mod', 'tidy'], folder);
  await run(
    'go',
    ['build', '-mod=mod', '-o', process.platform === 'win32' ? 'ferret.exe' : 'ferret', '.'],
    folder,
  );
}

async function buildJava(folder: string): Promise<void> {
  await cp(join(sources, 'pom.xml'), join(folder, 'pom.xml'));
  await cp(join(sources, 'Main.java'), join(folder, 'Main.java'));
  // On Windows Maven is a batch file, which only a shell starts.
  const [maven, ...first] = process.platform === 'win32' ? ['cmd', '/c', 'mvn'] : ['mvn'];
  await run(
    maven ?? 'mvn',
    [...first, '-q', 'dependency:copy-dependencies', '-DoutputDirectory=lib'],
    folder,
  );
  await run('javac', ['-cp', join('lib', '*'), '-d', 'out', 'Main.java'], folder);
}

const builders: Readonly<Record<ServerName, (folder: string) => Promise<void>>> = {
  ferretdb: buildFerret,
  'mongo-java-server': buildJava,
};

export interface Installation {
  readonly ready: boolean;
  /** Built now, not found from before. */
  readonly made: boolean;
  /** Why it is not ready. */
  readonly reason?: string;
}

/** Builds a server unless it is there. It appears whole or not at all: an interrupted build is never used. */
export async function install(name: ServerName): Promise<Installation> {
  const target = folders[name];
  if (installed(name)) return { ready: true, made: false };
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(`${target}-`);
  try {
    await builders[name](folder);
    await rename(folder, target);
    return { ready: true, made: true };
  } catch (error) {
    // Another process may have been faster.
    if (installed(name)) return { ready: true, made: false };
    return { ready: false, made: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
