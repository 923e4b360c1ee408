import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { folderOf, type Installation, installInto, onPath, run } from './installation.ts';

/** A proxy that slows, cuts and silences what goes through it. */
export const toxiproxyLabel = 'toxiproxy';

const version = '2.5.0';
const suffix = process.platform === 'win32' ? '.exe' : '';
const folder = folderOf(`toxiproxy-${version}`);
const binary = join(folder, `toxiproxy-server${suffix}`);

/** The program that is started; undefined where there is none. */
export function toxiproxyProgram(): string | undefined {
  return onPath('toxiproxy-server') ?? (existsSync(binary) ? binary : undefined);
}

export async function installToxiproxy(): Promise<Installation> {
  if (toxiproxyProgram() !== undefined) return { ready: true, made: false };
  return installInto(folder, async (where) => {
    const from = `github.com/Shopify/toxiproxy/v2/cmd/server@v${version}`;
    await run('go', ['install', from], where, { GOBIN: where });
    await rename(join(where, `server${suffix}`), join(where, `toxiproxy-server${suffix}`));
  });
}
