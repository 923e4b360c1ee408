// Connects clients that are not ours to the built server, over HTTP: the SDKs for Python (1.x and 2.x), TypeScript (1.x)
// and Go, in the protocol versions they speak. Each makes its handshake, lists the tools, searches, queries, changes a
// document that a person confirms, is idle longer than the server keeps a session, is told of a change that another process
// makes, and goes on after the server was restarted. Those of 1.x do it again on two nodes behind a balancer without
// stickiness, which share MongoDB, Qdrant, Redis and NATS. The SDKs are installed once, into ~/.cache/hydrogen-clients; one that
// cannot be installed here is skipped, and said to be.
//   npm run foreign-clients [-- --prepare]   --prepare only installs them
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Backends, startBackends } from './chaos/backends.ts';
import { createFindings, openCaller } from './chaos/client.ts';
import { missingServers } from './chaos/missing.ts';
import { installedByNpm, installedByPip, run } from './clients/installed.ts';
import { startHttp } from './demo/connect.ts';
import { openBalancer } from './nodes/balancer.ts';
import { startNodes } from './nodes/nodes.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');
const programs = fileURLToPath(new URL('clients/programs', import.meta.url));
const base = await mkdtemp(join(tmpdir(), 'hydrogen-clients-'));

const onlyPrepares = process.argv.includes('--prepare');

const versions = { python1: '1.30.0', python2: '2.3.0', typescript1: '1.32.2' } as const;

/** What each has to do, in this order. */
const steps = [
  'handshake',
  'list',
  'search',
  'find',
  'confirmed update',
  'idle beyond the limit',
  'list-changed',
  'restart',
];

/** A short time, so that a client is idle for longer, ms. */
const idleMs = 300;
/** A client that hangs is ended, ms. */
const patienceMs = 90_000;

interface ForeignClient {
  readonly name: string;
  /** The program without which it is skipped. */
  readonly needs: string;
  /** Whether it is also tried on several nodes. */
  readonly onNodes?: true;
  /** Installs it. @returns its command line, to which the server's address is added in the place of `URL` */
  prepare(): Promise<readonly string[]>;
}

const python2 = (mode: string): ForeignClient => ({
  name: `Python mcp ${versions.python2} (${mode})`,
  needs: 'python3',
  async prepare() {
    const folder = await installedByPip('mcp', versions.python2);
    return [join(folder, 'bin/python'), join(programs, 'python2.py'), 'URL', mode];
  },
});

const go = (version: string): ForeignClient => ({
  name: `Go go-sdk (${version})`,
  needs: 'go',
  async prepare() {
    const program = join(base, `go-client-${version}`);
    await run('go', ['build', '-o', program, '.'], join(programs, 'go'));
    return [program, 'URL', version];
  },
});

const clients: readonly ForeignClient[] = [
  {
    name: `Python mcp ${versions.python1}`,
    needs: 'python3',
    onNodes: true,
    async prepare() {
      const folder = await installedByPip('mcp', versions.python1);
      return [join(folder, 'bin/python'), join(programs, 'python1.py'), 'URL'];
    },
  },
  python2('legacy'),
  python2('auto'),
  {
    name: `TypeScript sdk ${versions.typescript1}`,
    needs: 'npm',
    onNodes: true,
    async prepare() {
      const folder = await installedByNpm('@modelcontextprotocol/sdk', versions.typescript1);
      return [process.execPath, join(programs, 'typescript1.mjs'), 'URL', folder];
    },
  },
  go('2025-11-25'),
  go('2026-07-28'),
];

const settings = {
  HYDROGEN_EMBEDDING_MODEL: 'none',
  HYDROGEN_SAMPLE_WORKFLOWS: 'false',
  HYDROGEN_ENABLE_WRITES: 'true',
  HYDROGEN_HTTP_SESSION_IDLE_MS: String(idleMs),
  HYDROGEN_LOG_LEVEL: 'info',
};

const isThere = (program: string): Promise<boolean> =>
  run(program, [program === 'go' ? 'version' : '--version']).then(
    () => true,
    () => false,
  );

/** A command of ours, which is another process on the data directory. */
const hydrogen = (dataDir: string, ...args: string[]): Promise<string> =>
  run(process.execPath, [cli, '--data-dir', dataDir, '--set', 'embeddingModel=none', ...args], root);

interface Server {
  readonly url: string;
  restart(): Promise<void>;
  /** Somebody else adds a collection. */
  change(): Promise<unknown>;
  stop(): Promise<void>;
}

interface Sources {
  readonly plants: string;
  readonly note: string;
  /** A data directory that is not there yet. */
  readonly files: string;
}

/** What clients find. */
async function writeSources(): Promise<Sources> {
  const folder = await mkdtemp(join(base, 'data-'));
  const [plants, note] = [join(folder, 'plants.json'), join(folder, 'fern.md')];
  await writeFile(plants, JSON.stringify([{ _id: 1, name: 'fern' }]));
  await writeFile(note, '# The fern\n\nWatering the fern twice a week is enough.\n');
  return { plants, note, files: join(folder, 'store') };
}

let opened = 0;

/** Two nodes on what these servers hold under a new name. */
async function openNodes(backends: Backends): Promise<Server> {
  const { note, files } = await writeSources();
  const name = `client-${++opened}`;
  const env = {
    ...settings,
    ...backends.settings,
    HYDROGEN_MONGODB_URL: backends.settings['HYDROGEN_MONGODB_URL']?.replace(/lab$/, name) ?? '',
    HYDROGEN_STORE_DATABASE: `own-${name}`,
    HYDROGEN_QDRANT_COLLECTION: name,
  };
  const plants = backends.mongo.db(name).collection<{ _id: number; name: string }>('plants');
  await plants.insertOne({ _id: 1, name: 'fern' });
  await run(process.execPath, [cli, '--data-dir', files, 'ingest', note], root, env);
  const nodes = await startNodes(2, env);
  const balancer = await openBalancer(() => nodes.ready());
  const findings = createFindings();
  const other = await openCaller({
    url: balancer.url,
    number: 1,
    limitMs: patienceMs,
    isDisturbed: () => false,
    findings,
  });
  let added = 0;
  return {
    url: balancer.url,
    async restart() {
      for (const node of nodes.all) {
        await node.stop();
        await node.start();
      }
    },
    change: () => other.call('insert', { collection: `more_${added++}`, documents: [{ _id: 1 }] }),
    async stop() {
      await other.close();
      await balancer.close();
      await nodes.close();
    },
  };
}

/** A server on data of its own, which can be started again at its address. */
async function openServer(): Promise<Server> {
  const { plants, note, files } = await writeSources();
  await hydrogen(files, 'import', 'plants', plants);
  await hydrogen(files, 'ingest', note);
  let { url, child } = await startHttp({ cli, dataDir: files, root, env: settings });
  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  let added = 0;
  return {
    url,
    stop,
    async restart() {
      await stop();
      ({ url, child } = await startHttp({
        cli,
        dataDir: files,
        root,
        env: settings,
        port: Number(new URL(url).port),
      }));
    },
    change: () => hydrogen(files, 'import', `more_${added++}`, plants),
  };
}

async function answer(what: string, server: Server): Promise<void> {
  if (what === 'idle') await delay(5 * idleMs);
  else if (what === 'change') await server.change();
  else await server.restart();
}

/** @throws Error with what the client said where it did not do all */
async function converse(child: ChildProcess, server: Server): Promise<string> {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('no pipes');
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (part: string) => {
    complaint = (complaint + part).slice(-4_000);
  });
  const ended = once(child, 'close');
  const doneSteps: string[] = [];
  let version = '';
  for await (const line of createInterface({ input: stdout })) {
    const [word, ...rest] = line.split(' ');
    if (word === 'version') version = rest.join(' ');
    else if (word === 'done') doneSteps.push(rest.join(' '));
    else if (word === 'ask') {
      await answer(rest.join(' '), server);
      stdin.write('\n');
    }
  }
  const [code] = (await ended) as [number | null];
  const missing = steps.find((step) => !doneSteps.includes(step));
  if (missing !== undefined) throw new Error(`"${missing}" failed\n${complaint}`);
  if (code !== 0) throw new Error(`it ended with ${code}\n${complaint}`);
  return version;
}

async function check(
  [command = '', ...args]: readonly string[],
  open: () => Promise<Server>,
): Promise<string> {
  const server = await open();
  const given = args.map((arg) => (arg === 'URL' ? server.url : arg));
  const child = spawn(command, given, { stdio: 'pipe', timeout: patienceMs });
  try {
    return await converse(child, server);
  } finally {
    child.kill('SIGKILL');
    await server.stop();
  }
}

/** The command line of a client; undefined, and said why, where it cannot be installed. */
async function prepared(client: ForeignClient): Promise<readonly string[] | undefined> {
  if (!(await isThere(client.needs))) {
    console.log(`SKIPPED ${client.name}: there is no ${client.needs} here.`);
    return undefined;
  }
  try {
    return await client.prepare();
  } catch (error) {
    console.log(
      `SKIPPED ${client.name}: it cannot be installed here: ${error instanceof Error ? error.message : error}`,
    );
    return undefined;
  }
}

/** Checks one client, and says how it went. */
async function report(client: ForeignClient, where = '', open = openServer): Promise<void> {
  const line = await prepared(client);
  if (!line || onlyPrepares) return;
  const name = `${client.name}${where}`;
  const begun = performance.now();
  try {
    const version = await check(line, open);
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    console.log(`ok ${name}, protocol ${version}: ${steps.join(', ')} (${seconds} s)`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`FAILED ${name}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Checks those that are also tried on nodes. */
async function reportNodes(): Promise<void> {
  const missing = missingServers();
  if (missing.length > 0) {
    console.log(`SKIPPED two nodes: there is no ${missing.join(', no ')} here (npm run servers).`);
    return;
  }
  const backends = await startBackends();
  try {
    for (const client of clients.filter(({ onNodes }) => onNodes)) {
      await report(client, ' on two nodes', () => openNodes(backends));
    }
  } finally {
    await backends.stop();
  }
}

try {
  const waiting = [...clients];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await report(next);
  };
  await Promise.all([lane(), lane()]);
  if (!onlyPrepares) await reportNodes();
} finally {
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
}
