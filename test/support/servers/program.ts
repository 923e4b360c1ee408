import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export { freePort } from '../../../scripts/mongo-servers/start.ts';

/** A program that serves a loopback port. It keeps its port and its data over `restart`. */
export interface ServerProgram {
  readonly port: number;
  /** Ends it as an administrator would: SIGTERM, and SIGKILL when that takes too long. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`. */
  restart(): Promise<void>;
  /** From then on it keeps its connections and accepts new ones, but answers nothing. */
  pause(): Promise<void>;
  resume(): void;
}

interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  readonly cwd?: string;
}

/** How long a server may take until its port answers, ms; these take 50 to 150 on an idle machine. */
const readyMs = 20_000;
/** How long it may take to end when asked, ms. */
const graceMs = 2_000;

/** What is still running when the tests end. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function begin({ command, args, port, cwd }: ProgramOptions): Promise<ChildProcess> {
  // Some end when their input does, and so with this process.
  const stdio = ['pipe', 'pipe', 'pipe'] as const;
  const child = spawn(command, args, { stdio: [...stdio], ...(cwd !== undefined && { cwd }) });
  let said = '';
  const keep = (text: Buffer): void => {
    said = (said + text).slice(-1_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.once('error', (error) => keep(Buffer.from(String(error))));
  child.once('exit', () => alive.delete(child));
  alive.add(child);
  for (const until = Date.now() + readyMs; Date.now() < until; await delay(10)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended: ${said}`);
    if (await answers(port)) return child;
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not answer: ${said}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(late);
}

/** On a loaded machine a thread of the program may still answer for a moment. */
async function stopped({ pid }: ChildProcess): Promise<void> {
  for (const until = Date.now() + 5_000; Date.now() < until; await delay(5)) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    // The state stands after the name, which may hold anything.
    if (stat === undefined || /\) T /.test(stat)) break;
  }
  if (process.platform !== 'linux') await delay(100);
}

export async function startProgram(options: ProgramOptions): Promise<ServerProgram> {
  let child = await begin(options);
  return {
    port: options.port,
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
    async restart() {
      await end(child, 'SIGTERM');
      child = await begin(options);
    },
    async pause() {
      child.kill('SIGSTOP');
      await stopped(child);
    },
    resume: () => void child.kill('SIGCONT'),
  };
}
