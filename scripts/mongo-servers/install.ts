import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Installation, installInto, run } from '../servers/installation.ts';

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

/** Builds a server unless it is there. */
export function install(name: ServerName): Promise<Installation> {
  return installInto(folders[name], builders[name]);
}
