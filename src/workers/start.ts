import { type ChildProcess, fork, spawn } from 'node:child_process';
import { defaultMaxListeners } from 'node:events';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { keepYoungSmall, stopYoungGrowth } from '../garbage.ts';

/**
 * The path of an entry point: in the bundle it is next to the chunk that starts it, in the sources it is
 * where its URL says.
 */
function entryPoint(source: URL): URL {
  const bundled = import.meta.url.endsWith('.js');
  return bundled ? new URL(`./${basename(source.pathname, '.ts')}.js`, import.meta.url) : source;
}

/**
 * Makes V8 use less memory in this process, at a cost of at most 0.3 ms per search (measured: 223 MB instead of 330
 * at 100,000 passages; 164 instead of 245 after aggregations over 200,000 documents, which take no longer). The young
 * generation does not double, which would leave 50 MB of garbage on the main thread alone: a thread starts with 4 MB,
 * or less if its limit says so. The heap of a thread grows by half before it is collected.
 */
export function keepMemorySmall(): void {
  setFlagsFromString('--min-semi-space-size=4');
  setFlagsFromString('--heap-growing-percent=50');
  keepYoungSmall();
}

const alive = new Set<Worker>();

/** The threads of this process that have not ended; the process cannot exit before they do. */
export function threadsAlive(): readonly Worker[] {
  return [...alive];
}

/** Ends all threads. Nobody is notified: the threads did not fail, the process is ending. */
export async function endThreads(): Promise<void> {
  const ending = [...alive].map(async (worker) => {
    worker.removeAllListeners();
    worker.on('error', () => {});
    await worker.terminate();
    alive.delete(worker);
  });
  await Promise.all(ending);
}

/**
 * Node passes on what a thread writes to stderr, for which it listens to ours: so many listeners are no leak, of which
 * whoever listens next would be warned.
 */
function expectListeners(): void {
  process.stderr.setMaxListeners(defaultMaxListeners + alive.size);
}

/** Starts a worker thread from its source file's URL. */
export function startThread(source: URL, options: WorkerOptions): Worker {
  // Nothing a thread prints may reach the protocol on stdout. Its stream stays unread, since reading it would
  // keep the process alive.
  const worker = new Worker(entryPoint(source), { stdout: true, stderr: false, ...options });
  worker.once('online', stopYoungGrowth);
  alive.add(worker);
  expectListeners();
  worker.once('exit', () => {
    alive.delete(worker);
    expectListeners();
  });
  return worker;
}

/** The environment variables a child needs; secrets are not passed on. */
const inherited = ['PATH', 'SystemRoot', 'TEMP', 'TMPDIR', 'NODE_DISABLE_COMPILE_CACHE'];

const permissions = ['--permission', '--allow-fs-read=*', '--allow-worker'];
/** SIGUSR1 would start the debugger, which opens a port. */
const undebuggable = '--disable-sigusr1';

/**
 * Starts a Node process from its source file's URL (`<what>-process.ts`), with a message channel. It may read
 * files and start threads; everything else that can be forbidden is: writing, other programs, native code, the
 * network (`confined-preload.ts`). Its output is discarded.
 * @param heapMegabytes limit of its JavaScript heap
 */
export function startProcess(
  source: URL,
  args: readonly string[],
  { heapMegabytes }: { readonly heapMegabytes: number },
): ChildProcess {
  const env = Object.fromEntries(
    inherited.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return fork(fileURLToPath(entryPoint(source)), args, {
    env,
    execArgv: [
      `--max-old-space-size=${heapMegabytes}`,
      '--max-semi-space-size=8',
      ...permissions,
      '--no-warnings',
      ...(process.allowedNodeEnvironmentFlags.has(undebuggable) ? [undebuggable] : []),
      // Not `--import`: a thread's code would not wait for it.
      '--require',
      fileURLToPath(entryPoint(new URL('../confined-preload.ts', import.meta.url))),
    ],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    windowsHide: true,
  });
}

/** Our settings (some hold passwords and tokens), and variables named like a secret. */
const secretName = /^HYDROGEN_|TOKEN|SECRET|PASS|_PWD|CREDENTIAL|KEY|AUTH|COOKIE/i;
/** A URL with credentials. */
const secretValue = /:\/\/[^/\s]*@/;

/** Options that must not be passed to another process: debugger ports, the script to run, files of secrets. */
const ownOptions =
  /^(-[ceip]|--(inspect|debug|eval|print|check|interactive|test|watch|cpu-prof|heap-prof|prof|env-file))/;

/** The options of this process that can be passed to another. */
export function sharedOptions(options: readonly string[]): string[] {
  let isOwn = false;
  return options.filter((option) => {
    // The value of the preceding option.
    if (!option.startsWith('-')) return !isOwn;
    isOwn = ownOptions.test(option);
    return !isOwn;
  });
}

/**
 * Starts a Node process for native code from its source file's URL (`<what>-process.ts`), with a message channel.
 * It gets the environment, options and permissions of this process, because native code depends on them, but no
 * secrets. Its stdout is discarded; the caller must read stderr.
 * @param network whether it needs the environment's proxies, whose URLs may contain passwords
 */
export function startNativeProcess(source: URL, { network }: { readonly network: boolean }): ChildProcess {
  const isInherited = (name: string, value: string): boolean =>
    !secretName.test(name) && (!secretValue.test(value) || (network && /_proxy$/i.test(name)));
  const options = [
    ...sharedOptions(process.execArgv),
    // Its memory goes to the model; V8 would let garbage grow to 48 MB before collecting it.
    '--max-semi-space-size=2',
    '--no-warnings',
  ];
  const environment = Object.entries(process.env).filter(([name, value = '']) => isInherited(name, value));
  return spawn(process.execPath, [...options, fileURLToPath(entryPoint(source))], {
    // ONNX Runtime would send telemetry to its vendor; nothing must leave this machine.
    env: { ...Object.fromEntries(environment), ORT_DISABLE_TELEMETRY: '1' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    windowsHide: true,
  });
}
