import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsProgram } from '../../../scripts/servers/nats.ts';
import { freePort, type ServerProgram, startProgram } from './program.ts';

export const hasNats = natsProgram() !== undefined;
export const natsSkip = hasNats ? '' : ' (skipped: there is no NATS server, see `npm run servers`)';

interface NatsOptions {
  readonly user?: string;
  readonly password?: string;
  /** The public key of its only user. */
  readonly nkey?: string;
  /** Without it, it passes messages on and keeps none. */
  readonly jetStream?: boolean;
}

export interface NatsServer extends ServerProgram {
  /** With the password, if there is one. */
  readonly url: string;
}

/** A NATS server on a directory of its own. */
export async function startNats({
  user = 'hydrogen',
  password,
  nkey,
  jetStream = true,
}: NatsOptions = {}): Promise<NatsServer> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'hydrogen-nats-'));
  const file = join(directory, 'nats.conf');
  const lines = [
    `listen: "127.0.0.1:${port}"`,
    ...(jetStream ? [`jetstream { store_dir: "${directory}/data" }`] : []),
    ...(nkey === undefined ? [] : [`authorization { users: [{ nkey: "${nkey}" }] }`]),
    ...(password === undefined ? [] : [`authorization { user: "${user}", password: "${password}" }`]),
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const program = await startProgram({ command: natsProgram() ?? 'nats-server', args: ['-c', file], port });
  const login = password === undefined ? '' : `${user}:${encodeURIComponent(password)}@`;
  return { ...program, url: `nats://${login}127.0.0.1:${port}` };
}
