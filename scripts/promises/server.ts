// The built server on the samples: how long it takes until it is ready, and its memory at work.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { memoryMb } from '../bench/statistics.ts';
import { startHttp } from '../demo/connect.ts';
import { finished } from '../security/tools.ts';
import { below, fact, type Promised } from './promise.ts';

const startLimitS = 5;
const memoryLimitMb = 512;

/** Search with the model, queries and a description, until everything that a server loads is loaded. */
async function work(client: Client): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await client.callTool({ name: 'search', arguments: { query: `hydrogen storage in tanks ${round}` } });
    await client.callTool({ name: 'find', arguments: { collection: 'technologies', filter: {}, limit: 50 } });
    await client.callTool({ name: 'describe_collection', arguments: { collection: 'technologies' } });
  }
}

export async function measureServer(root: string): Promise<Promised[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hydrogen-promises-'));
  const cli = join(root, 'dist/cli.js');
  try {
    const { code, err } = await finished(process.execPath, [cli, '--data-dir', dataDir, 'samples'], root);
    if (code !== 0) throw new Error(`the samples could not be put in: ${err}`);
    const begun = performance.now();
    const { url, child } = await startHttp({ cli, dataDir, root });
    const ready = await fetch(new URL('/health/readiness', url));
    const seconds = (performance.now() - begun) / 1_000;
    const checked = await finished(join(root, 'deploy/health_check.sh'), [new URL('/', url).href], root);
    const client = new Client({ name: 'promises', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    await work(client);
    const memory = memoryMb(child.pid ?? 0);
    await client.close();
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    return [
      below('start, until ready', ready.ok ? seconds : Number.POSITIVE_INFINITY, startLimitS, 's'),
      below('memory of server and model, after searches and queries', memory, memoryLimitMb, 'MB'),
      fact('health_check.sh', checked.code === 0, checked.out.trim()),
    ];
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
