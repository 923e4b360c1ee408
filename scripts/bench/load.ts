// A server that knows its callers, limits, records and measures them, against the SDK's own with one tool, in the same run:
// the processor time of a call, and the event loop's delay at half of what each can answer; and what is still answered at
// twice as much. Each server has one processor, and the load the other, where `taskset` is there.
//   npm run bench -- load [--calls N] [--seconds N] [--turns N]
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { table } from '../demo/table.ts';
import { cli, hydrogen, newKey, securedSettings } from './secured.ts';
import { cpuMs, percentile } from './statistics.ts';

const { values } = parseArgs({
  options: {
    // What is called most is compiled for good after some ten thousand calls.
    calls: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '10' },
    turns: { type: 'string', default: '3' },
  },
});
const [calls, seconds, turns] = [values.calls, values.seconds, values.turns].map(Number) as [
  number,
  number,
  number,
];

const protocol = '2026-07-28';
/** Connections of a load that a server can answer, and of one that it cannot. */
const connections = { usual: 16, flood: 256 } as const;

const isPinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
if (isPinned) spawnSync('taskset', ['-acp', '1', String(process.pid)]);
else console.log('There is no taskset: the servers and the load share all processors.');

interface Target {
  readonly name: string;
  readonly url: string;
  readonly child: ChildProcess;
  readonly options: Pick<autocannon.Options, 'headers' | 'body'>;
  /** The 99th percentile of the event loop's delay since it was last asked, ms. */
  delayMs(): Promise<number>;
}

const started = (args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess =>
  spawn(
    isPinned ? 'taskset' : process.execPath,
    [...(isPinned ? ['-c', '0', process.execPath] : []), ...args],
    {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );

function requestOf(name: string, args: object, headers: Readonly<Record<string, string>>) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': protocol,
    'io.modelcontextprotocol/clientInfo': { name: 'load', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return {
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': protocol,
      'mcp-method': 'tools/call',
      'mcp-name': name,
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: args, _meta },
    }),
  };
}

async function openEcho(): Promise<Target> {
  const child = started([fileURLToPath(new URL('echo-server.ts', import.meta.url))]);
  child.stderr?.resume();
  if (!child.stdout) throw new Error('no stdout');
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    name: "the SDK's echo",
    url,
    child,
    options: requestOf('echo', { text: 'hello' }, {}),
    async delayMs() {
      const said = (await (await fetch(url.replace(/mcp$/, 'delay'))).json()) as { p99Ms: number };
      return said.p99Ms;
    },
  };
}

const folder = await mkdtemp(join(tmpdir(), 'hydrogen-load-'));

/** Counts the documents of an empty collection. */
async function openServer(): Promise<Target> {
  const dataDir = join(folder, 'data');
  const file = join(folder, 'plants.json');
  await writeFile(file, '[{"_id":1}]');
  hydrogen(dataDir, 'import', 'plants', file);
  const key = newKey(dataDir);
  const child = started([cli, '--data-dir', dataDir, 'serve', '--http'], {
    ...process.env,
    ...securedSettings(dataDir),
    HYDROGEN_HTTP_PORT: '0',
    HYDROGEN_EMBEDDING_MODEL: 'none',
    HYDROGEN_SAMPLE_WORKFLOWS: 'false',
    HYDROGEN_ENABLE_WRITES: 'true',
    HYDROGEN_CONFIRM_WRITES: 'never',
  });
  child.stdout?.resume();
  const [urls, lines] = [[] as string[], createInterface({ input: child.stderr as NodeJS.ReadableStream })];
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      const { url } = (line.startsWith('{') ? JSON.parse(line) : {}) as { url?: string };
      if (url !== undefined && urls.push(url) === 2) resolve();
    });
    child.once('exit', () => reject(new Error('the server did not start')));
  });
  const [url = '', metrics = ''] = urls;
  const headers = { authorization: `Bearer ${key}` };
  const emptied = await fetch(url, {
    method: 'POST',
    ...requestOf('delete', { collection: 'plants', filter: { _id: 1 } }, headers),
  });
  if (!(await emptied.text()).includes('"deleted":1')) throw new Error('the collection is not empty');
  return {
    name: 'count',
    url,
    child,
    options: requestOf('count', { collection: 'plants' }, headers),
    async delayMs() {
      const text = await (await fetch(metrics, { headers })).text();
      return 1_000 * Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(text)?.[1]);
    },
  };
}

const load = (
  { url, options }: Target,
  how: Pick<autocannon.Options, 'connections' | 'amount' | 'duration' | 'overallRate'>,
): Promise<autocannon.Result> => autocannon({ url, method: 'POST', ...options, ...how });

/** Processor time of a call, ms. */
async function costOf(target: Target): Promise<number> {
  const pid = target.child.pid ?? 0;
  const before = cpuMs(pid);
  const { non2xx, errors } = await load(target, { connections: connections.usual, amount: calls });
  if (non2xx + errors > 0) throw new Error(`${target.name}: ${non2xx + errors} calls failed`);
  return (cpuMs(pid) - before) / calls;
}

const median = (numbers: readonly number[]): number => percentile(numbers, 0.5);
const goodput = (result: autocannon.Result): number => result['2xx'] / result.duration;

const targets: Target[] = [];
try {
  targets.push(await openEcho(), await openServer());
  const costs = targets.map(() => [] as number[]);
  for (const target of targets) await costOf(target);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, target] of targets.entries()) costs[i]?.push(await costOf(target));
  }
  const rows = [];
  for (const [i, target] of targets.entries()) {
    const most = goodput(await load(target, { connections: connections.usual, duration: seconds }));
    await target.delayMs();
    await load(target, {
      connections: connections.usual,
      duration: seconds,
      overallRate: Math.round(most / 2),
    });
    const delay = await target.delayMs();
    const flooded = await load(target, {
      connections: connections.flood,
      duration: seconds,
      overallRate: Math.round(most * 2),
    });
    const still = goodput(flooded);
    rows.push({
      target,
      cost: median(costs[i] ?? []),
      most,
      delay,
      still,
      refused: flooded.non2xx,
      failed: flooded.errors,
    });
  }
  console.log(
    table(
      rows.map(({ target, cost, most, delay, still, refused, failed }) => ({
        server: target.name,
        'CPU a call, ms': cost.toFixed(2),
        'most calls a second': most.toFixed(0),
        "event loop's p99 at half of it, ms": delay.toFixed(1),
        'answered at twice': `${((100 * still) / Math.max(most, still)).toFixed(0)} %`,
        'refused, failed': `${refused}, ${failed}`,
      })),
    ),
  );
  const [echo, own] = rows;
  if (echo && own) {
    console.log(`A count takes ${(own.cost / echo.cost).toFixed(2)} x the processor time of the echo.`);
    console.log(
      `At half of what each can answer its event loop's p99 is ${(own.delay / echo.delay).toFixed(2)} x the echo's.`,
    );
  }
} finally {
  for (const { child } of targets) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
