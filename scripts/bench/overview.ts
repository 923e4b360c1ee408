// Measures what the product promises, on the built bundle and the samples. Wall times depend on the
// machine and its load: compare them with the bare Node start of the same run.
//   npm run bench [-- overview] [--quick] [--json]
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { table } from '../demo/table.ts';
import { bareNodeMs, startedServer } from './server.ts';
import { memoryMb, percentile, residentMb } from './statistics.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');
const quick = process.argv.includes('--quick');
const starts = quick ? 3 : 15;
const rounds = quick ? 2 : 10;

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
}
const figures: Figure[] = [];
const add = (what: string, value: number, unit: string): void => {
  figures.push({ what, value: Math.round(value * 1_000) / 1_000, unit });
};

const dataDir = await mkdtemp(join(tmpdir(), 'hydrogen-bench-'));
const environment = { ...process.env, HYDROGEN_DATA_DIR: dataDir, HYDROGEN_LOG_LEVEL: 'warn' };

function hydrogen(...args: string[]): { seconds: number; out: string } {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, '--json', ...args], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`hydrogen ${args.join(' ')}: ${stderr}`);
  return { seconds: (performance.now() - began) / 1_000, out: stdout };
}

async function measureIngest(): Promise<void> {
  const { seconds, out } = hydrogen('ingest', 'samples/documents');
  const { added, chunks } = JSON.parse(out) as { added: number; chunks: number };
  add(`ingest and embed ${added} documents, the whole command`, seconds, 's');
  add('ingest rate, start of the command included', chunks / seconds, 'passages/s');
  add('ingest again, unchanged', hydrogen('ingest', 'samples/documents').seconds, 's');
  const imported = hydrogen('import', 'technologies', 'samples/collections/technologies.jsonl');
  add('import 646 documents, the whole command', imported.seconds, 's');
}

async function measureStart(): Promise<void> {
  const bare: number[] = [];
  const listed: number[] = [];
  for (let i = 0; i < starts; i++) {
    bare.push(bareNodeMs());
    const server = await startedServer(cli, environment);
    listed.push(server.listedMs);
    if (i === 0) add('tools/list in the default set', server.listBytes / 4, 'tokens');
    await server.close();
  }
  add('spawn to tools/list answered, p50', percentile(listed, 0.5), 'ms');
  add('spawn to tools/list answered, best', Math.min(...listed), 'ms');
  add('bare node -e 0, p50', percentile(bare, 0.5), 'ms');
  add('start as a multiple of bare node, p50', percentile(listed, 0.5) / percentile(bare, 0.5), 'x');
}

async function measureCalls(): Promise<void> {
  const server = await startedServer(cli, environment);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  add('resident memory, idle after start', residentMb(server.pid), 'MB');
  const lines = (await readFile(join(root, 'samples/eval/queries.jsonl'), 'utf8')).trim().split('\n');
  const queries = lines.map((line) => (JSON.parse(line) as { query: string }).query);
  const timed = async (name: string, args: Record<string, unknown>): Promise<number> => {
    const began = performance.now();
    await server.call(name, args);
    return performance.now() - began;
  };
  add('first search, model loaded for it', await timed('search', { query: queries[0] ?? 'hydrogen' }), 'ms');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const searches: number[] = [];
  const finds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const query of queries) {
      searches.push(await timed('search', { query }));
      finds.push(
        await timed('find', { collection: 'technologies', filter: { variable: 'CAPEX' }, limit: 10 }),
      );
    }
  }
  add('search (hybrid) on the samples, p50', percentile(searches, 0.5), 'ms');
  add('search (hybrid) on the samples, p99', percentile(searches, 0.99), 'ms');
  add('find among 646 documents, p50', percentile(finds, 0.5), 'ms');
  add('resident memory, after the searches', residentMb(server.pid), 'MB');
  add('memory of the server and the model, after the searches', memoryMb(server.pid), 'MB');
  await server.close();
}

try {
  await measureIngest();
  await measureStart();
  await measureCalls();
} finally {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}
process.stdout.write(
  `${process.argv.includes('--json') ? JSON.stringify(figures, null, 2) : table(figures.map((figure) => ({ ...figure })))}\n`,
);
