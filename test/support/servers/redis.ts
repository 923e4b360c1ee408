import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisProgram } from '../../../scripts/servers/redis.ts';
import { freePort, type ServerProgram, startProgram } from './program.ts';

export const hasRedis = redisProgram() !== undefined;
export const redisSkip = hasRedis ? '' : ' (skipped: there is no Redis, see `npm run servers`)';

interface RedisOptions {
  readonly password?: string;
  /** Writes every command to its log (AOF), so that a crash loses at most a second. */
  readonly appendOnly?: boolean;
  /** Other options of the command line. */
  readonly more?: readonly string[];
}

export interface RedisServer extends ServerProgram {
  /** With the password, if there is one. */
  readonly url: string;
}

/** A Redis on a directory of its own. */
export async function startRedis({
  password,
  appendOnly = false,
  more = [],
}: RedisOptions = {}): Promise<RedisServer> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'hydrogen-redis-'));
  const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
  const keeps = ['--appendonly', appendOnly ? 'yes' : 'no'];
  const secret = password === undefined ? [] : ['--requirepass', password];
  const program = await startProgram({
    command: redisProgram() ?? 'redis-server',
    args: [...where, ...keeps, ...secret, ...more],
    port,
  });
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return { ...program, url: `redis://${login}127.0.0.1:${port}` };
}
