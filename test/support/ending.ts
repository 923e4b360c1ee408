import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { openApp } from '../../src/app.ts';
import { settings as schema } from '../../src/config.ts';
import { createLimit } from '../../src/library/reading/limit.ts';
import { createLog } from '../../src/observability/log.ts';
import { testCall } from './call.ts';
import { cli, environmentOf, root, type Settings } from './process.ts';

export const pause = (ms: number): Promise<void> => delay(ms);

/**
 * Hours of work for a store thread, in little memory, whose limit a fast machine would reach before it is told to stop:
 * every document is compared with every other, several times, and what was found is only counted.
 */
export const endless = {
  collection: 'things',
  pipeline: [
    {
      $lookup: {
        from: 'things',
        as: 'all',
        let: { n: '$n' },
        pipeline: [
          {
            $lookup: {
              from: 'things',
              as: 'more',
              let: { m: '$n' },
              pipeline: [{ $match: { $expr: { $gt: ['$n', '$$m'] } } }, { $count: 'n' }],
            },
          },
          { $match: { $expr: { $gt: [{ $add: ['$n', { $size: '$more' }] }, '$$n'] } } },
          { $count: 'n' },
        ],
      },
    },
    { $group: { _id: null, n: { $sum: { $size: '$all' } } } },
  ],
};

const resting = `document: { dsl: '1.0.3', namespace: test, name: resting, version: '1.0.0' }
do:
  - begin: { set: { n: 1 } }
  - look: { call: aggregate, with: ${JSON.stringify(endless)} }
`;

/** What every case starts with a copy of: data, a file that takes long to read, a workflow that takes long. */
export interface Prepared {
  copy(): Promise<{ readonly directory: string; readonly settings: Settings; remove(): Promise<void> }>;
  /** Folders of the library, one for each case that does something to one: `…/parent/watched`. */
  readonly watched: string[];
  remove(): Promise<void>;
}

/** Cases at a time: each has threads that are busy, and the machine may have others. */
export const inTurn = createLimit(3);

async function temporary(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'hydrogen-test-'));
}

/** @param cases how many need a folder of the library */
export async function prepare(cases: number): Promise<Prepared> {
  const prepared = await temporary();
  const app = await openApp(schema.parse({ dataDir: join(prepared, 'data') }), createLog('silent'));
  const call = testCall({ deadline: Number.POSITIVE_INFINITY });
  const put = (collection: string, documents: Record<string, unknown>[]): Promise<unknown> =>
    app.connections
      .get('embedded')
      .store.put({ database: 'main', collection }, documents, { drop: false }, call);
  await put(
    'things',
    Array.from({ length: 2_000 }, (_, n) => ({ n })),
  );
  // More than a pipe holds.
  await put(
    'texts',
    Array.from({ length: 300 }, () => ({ text: 'salt '.repeat(2_000) })),
  );
  const watched = Array.from({ length: cases }, (_, n) => join(prepared, `parent${n}`, 'watched'));
  for (const folder of watched) {
    await mkdir(join(folder, 'inner'), { recursive: true });
    await writeFile(join(folder, 'a.txt'), 'Salt caverns.');
    await writeFile(join(folder, 'inner', 'b.txt'), 'Lined rock.');
  }
  if (cases > 0) await app.library.ingest(watched, call);
  await app.close();
  await mkdir(join(prepared, 'workflows'));
  await writeFile(join(prepared, 'workflows', 'resting.yaml'), resting);
  await mkdir(join(prepared, 'slow'));
  const item = (_: unknown, n: number): string => `- item [a](b${n}) **x**`;
  await writeFile(join(prepared, 'slow', 'slow.md'), Array.from({ length: 300_000 }, item).join('\n'));
  return {
    watched,
    async copy() {
      const directory = await temporary();
      for (const name of ['data', 'workflows', 'slow']) {
        await cp(join(prepared, name), join(directory, name), { recursive: true });
      }
      const settings = {
        dataDir: join(directory, 'data'),
        workflowFolders: join(directory, 'workflows'),
        sampleWorkflows: 'false',
        folders: directory,
        enableWrites: 'true',
        enableIngest: 'true',
        embeddingModel: 'none',
      };
      return {
        directory,
        settings,
        remove: () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
      };
    },
    remove: () => rm(prepared, { recursive: true, force: true, maxRetries: 5 }),
  };
}

interface LogLine {
  readonly time: number;
  readonly msg: string;
  readonly path?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the line "stopping" to the end, by the server's clock, ms; not known where it says nothing. */
  readonly took: number | undefined;
  readonly log: readonly LogLine[];
  /** The machine had so much else to do that its times say nothing of the process. */
  readonly starved: boolean;
}

/** A process of the command, with its log. */
export interface Started {
  readonly child: ChildProcess;
  readonly log: readonly LogLine[];
  /** The first such line, about a path where one is given. */
  logged(message: string, path?: string): Promise<LogLine>;
  /** Its end, which is waited for no longer than three times as long as it may take: a machine can be busy. */
  ended(): Promise<Ended>;
}

/** Far beyond the three seconds that a server may take, for a machine with other things to do, ms. */
const outerMs = 10_000;
/** Longer than anything takes, ms. */
const patienceMs = 60_000;
/** A timer that is so late has waited for a processor, ms. */
const starvedMs = 200;
/** Work for so many processors at a time on each that there is. */
const overload = 5;

const isOverloaded = (): boolean => (loadavg()[0] ?? 0) > overload * availableParallelism();

/** How late a timer of this process was at most, ms. */
function watchLateness(): () => number {
  const everyMs = 20;
  let last = performance.now();
  let most = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    most = Math.max(most, now - last - everyMs);
    last = now;
  }, everyMs);
  return () => {
    clearInterval(timer);
    return most;
  };
}

/** @param before a command line that starts the one behind it */
export function start(args: readonly string[], settings: Settings, before: readonly string[] = []): Started {
  const [program = '', ...rest] = [...before, process.execPath, cli, ...args];
  const child = spawn(program, rest, {
    cwd: root,
    env: environmentOf({ logLevel: 'info', ...settings }),
    stdio: 'pipe',
  });
  const log: LogLine[] = [];
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let begun = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (begun + text).split('\n');
    begun = lines.pop() ?? '';
    for (const line of lines)
      log.push(line.startsWith('{') ? (JSON.parse(line) as LogLine) : { time: 0, msg: line });
  });
  child.stdin?.on('error', () => {});
  return {
    child,
    log,
    async logged(message, path) {
      for (const late = Date.now() + patienceMs; ; ) {
        const line = log.find((one) => one.msg === message && (path === undefined || one.path === path));
        if (line) return line;
        if (child.exitCode !== null) throw new Error(`ended without "${message}": ${JSON.stringify(log)}`);
        if (Date.now() > late) throw new Error(`no line "${message}"`);
        await delay(10);
      }
    },
    async ended() {
      const late = setTimeout(() => child.kill('SIGKILL'), isOverloaded() ? outerMs * 3 : outerMs);
      const lateness = watchLateness();
      const [code, signal] = await exited;
      clearTimeout(late);
      const starved = lateness() > starvedMs || isOverloaded();
      await delay(10);
      const stopping = log.find(({ msg }) => msg === 'stopping');
      const stopped = log.find(({ msg }) => msg === 'stopped');
      return { code, signal, log, starved, took: stopping && stopped && stopped.time - stopping.time };
    },
  };
}

/**
 * It ended by itself, in time, with nothing left that had to be ended by force. On a machine that has too much to do,
 * that it ended.
 */
export function expectOrderly({ code, signal, took, log, starved }: Ended, maxMs = 3_000): void {
  const messages = log.map(({ msg }) => msg);
  const forced = 'did not end in time: ended by force';
  if (starved && messages.includes(forced)) return;
  expect({ code, signal }, JSON.stringify(log.slice(-3))).toEqual({ code: 0, signal: null });
  expect(messages).not.toContain(forced);
  if (!starved) expect(took ?? 0).toBeLessThan(maxMs);
}

/** Waits until a process has its own answer to signals, which only Linux tells; elsewhere, for some time. */
export async function hears(child: ChildProcess): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(10)) {
    if (process.platform !== 'linux') return delay(2_000);
    const caught = /SigCgt:\s*(\w+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    // SIGHUP is 1: bit 0. Of SIGINT and SIGTERM Node itself is told from its start.
    if (BigInt(`0x${caught}`) & 1n) return;
  }
}
