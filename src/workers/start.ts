import { type ChildProcess, fork, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Where an entry point lies: in the bundle beside the chunk that starts it, in the sources where its URL
 * says.
 */
function entryPoint(source: URL): URL {
  const bundled = import.meta.url.endsWith('.js');
  return bundled ? new URL(`./${basename(source.pathname, '.ts')}.js`, import.meta.url) : source;
}

let isMemorySmall = false;

/**
 * Lets V8 keep less memory in this process than it would take, for 0.3 ms a search at most (measured: 223 MB
 * instead of 330 at 100,000 passages, 164 instead of 245 after aggregations over 200,000 documents, which take as
 * long as before). Room for young values does not double, which would let 50 MB of garbage lie about on the main
 * thread alone: a thread begins with 4 MB, or with less where its limit says so. The heap of a thread grows by
 * half before it is cleaned.
 */
export function keepMemorySmall(): void {
  isMemorySmall = true;
  setFlagsFromString('--min-semi-space-size=4');
  setFlagsFromString('--heap-growing-percent=50');
  keepYoungMemory();
}

/** V8 reads the factor whenever it thinks of growing, and corrects one below 2 whenever it makes a heap. */
function keepYoungMemory(): void {
  if (isMemorySmall) setFlagsFromString('--semi-space-growth-factor=1');
}

const alive = new Set<Worker>();

/** The threads of this process that have not ended: its own end waits for them. */
export function threadsAlive(): readonly Worker[] {
  return [...alive];
}

/** Ends all threads. Who waits for one hears nothing: that it failed would be wrong, since the process ends. */
export async function endThreads(): Promise<void> {
  const ending = [...alive].map(async (worker) => {
    worker.removeAllListeners();
    worker.on('error', () => {});
    await worker.terminate();
    alive.delete(worker);
  });
  await Promise.all(ending);
}

/** Starts a worker thread from its source file's URL. */
export function startThread(source: URL, options: WorkerOptions): Worker {
  // Nothing a thread prints may reach the protocol on stdout. Its stream is left unread: reading it would
  // keep the process alive.
  const worker = new Worker(entryPoint(source), { stdout: true, stderr: false, ...options });
  worker.once('online', keepYoungMemory);
  alive.add(worker);
  worker.once('exit', () => alive.delete(worker));
  return worker;
}

/** What a child needs of the environment; its secrets are none of its business. */
const inherited = ['PATH', 'SystemRoot', 'TEMP', 'TMPDIR', 'NODE_V8_COVERAGE', 'NODE_DISABLE_COMPILE_CACHE'];

const permissions = ['--permission', '--allow-fs-read=*', '--allow-worker'];
/** A signal starts the debugger, which listens. */
const undebuggable = '--disable-sigusr1';

/**
 * Starts a Node process from its source file's URL (`<what>-process.ts`), with which messages can be
 * exchanged. It may read files and start threads, and nothing else that can be forbidden: no writing, no
 * other programs, no native code, no network (`confined-preload.ts`). What it prints is dropped.
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
      // Under the permission model Node gathers no coverage.
      ...(env['NODE_V8_COVERAGE'] === undefined ? permissions : []),
      '--no-warnings',
      ...(process.allowedNodeEnvironmentFlags.has(undebuggable) ? [undebuggable] : []),
      // Not `--import`, which a thread's code does not wait for.
      '--require',
      fileURLToPath(entryPoint(new URL('../confined-preload.ts', import.meta.url))),
    ],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** Settings (which hold passwords and tokens), and what is called like a secret of something else. */
const secretName = /^HYDROGEN_|TOKEN|SECRET|PASS|_PWD|CREDENTIAL|KEY|AUTH|COOKIE/i;
/** A URL with a user in it. */
const secretValue = /:\/\/[^/\s]*@/;

/** Options that no second process can have: ports of debuggers, what this one runs, files of secrets. */
const ownOptions =
  /^(-[ceip]|--(inspect|debug|eval|print|check|interactive|test|watch|cpu-prof|heap-prof|prof|env-file))/;

/** The options of this process that another can have too. */
export function sharedOptions(options: readonly string[]): string[] {
  let isOwn = false;
  return options.filter((option) => {
    // The value of the option before it.
    if (!option.startsWith('-')) return !isOwn;
    isOwn = ownOptions.test(option);
    return !isOwn;
  });
}

/**
 * Starts a Node process for native code from its source file's URL (`<what>-process.ts`), with which messages
 * can be exchanged. It runs as this one does (environment, options, rights), because how native code behaves
 * depends on that, but without secrets. What it prints on stdout is dropped; stderr is to be read.
 * @param network whether it goes through the proxies of the environment, which may have passwords
 */
export function startNativeProcess(source: URL, { network }: { readonly network: boolean }): ChildProcess {
  const isKept = (name: string, value: string): boolean =>
    !secretName.test(name) && (!secretValue.test(value) || (network && /_proxy$/i.test(name)));
  const options = [
    ...sharedOptions(process.execArgv),
    // Its memory is the model; V8 would let garbage grow to 48 MB before it looks for any.
    '--max-semi-space-size=2',
    '--no-warnings',
  ];
  const kept = Object.entries(process.env).filter(([name, value = '']) => isKept(name, value));
  return spawn(process.execPath, [...options, fileURLToPath(entryPoint(source))], {
    // ONNX Runtime has telemetry of its own, with an address of its maker: nothing leaves this machine.
    env: { ...Object.fromEntries(kept), ORT_DISABLE_TELEMETRY: '1' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    windowsHide: true,
  });
}
