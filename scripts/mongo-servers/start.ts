import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { binary, javaFolder } from './install.ts';

/** A server on loopback; its data are gone after `stop`, unless the directory was given. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Ends it as an administrator would: SIGTERM, and SIGKILL when that takes too long. */
  stop(): Promise<void>;
  /** Ends it as a crash would (SIGKILL). */
  kill(): Promise<void>;
}

export interface StartOptions {
  /** To start again where another stood; otherwise a free one. */
  readonly port?: number;
  /** mongo-java-server says that it is the primary of this replica set, and tells inserts as changes. */
  readonly replicaSet?: string;
  /** Where FerretDB keeps its files, to find them again after a stop. */
  readonly directory?: string;
}

/** How long a server may take until its port answers, ms; they take 20 to 500 on an idle machine. */
const readyMs = 20_000;

/** Asked to stop, FerretDB waits for its clients to leave; after this time it is not asked any more, ms. */
const graceMs = 300;

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function ready(child: ChildProcess, port: number): Promise<void> {
  for (const until = Date.now() + readyMs; Date.now() < until; await delay(20)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the server ended at once');
    if (await answers(port)) return;
  }
  throw new Error('the server did not answer');
}

async function running(
  child: ChildProcess,
  port: number,
  cleanUp: () => Promise<void>,
): Promise<RunningServer> {
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // A server that cannot be started is reported by `ready`.
  child.once('error', () => {});
  const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(late);
    await cleanUp();
  };
  const [stop, kill] = [end('SIGTERM'), end('SIGKILL')];
  try {
    await ready(child, port);
  } catch (error) {
    await kill();
    throw error;
  }
  return { url: `mongodb://127.0.0.1:${port}/`, port, stop, kill };
}

/** FerretDB on a directory of its own. */
export async function startFerret(options: StartOptions = {}): Promise<RunningServer> {
  const port = options.port ?? (await freePort());
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'hydrogen-ferret-')));
  const child = spawn(binary, [`127.0.0.1:${port}`, `file:${directory}/`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return running(child, port, async () => {
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
  });
}

/** mongo-java-server in memory. */
export async function startJava(options: StartOptions = {}): Promise<RunningServer> {
  const port = options.port ?? (await freePort());
  const small = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m'];
  const set = options.replicaSet === undefined ? [] : [options.replicaSet];
  const classes = ['out', join('lib', '*')].join(delimiter);
  const child = spawn('java', [...small, '-cp', classes, 'Main', String(port), ...set], {
    cwd: javaFolder,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return running(child, port, async () => {});
}
