// Measures the embedded document store on orders-like documents: CPU of the one thread that does the work,
// with the target beside it, and the memory of the whole process. With --servers the same queries go through
// MongoDB's driver to the wire-protocol servers that `npm run servers` installed; elapsed times are compared.
//   npm run bench -- documents [--documents 200000] [--servers] [--json]
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { type Case, cases } from './documents/cases.ts';
import { filesIn, importInto, openBenchStore, writeFiles } from './documents/embedded.ts';
import { measureServers } from './documents/servers.ts';

// Values that do not live long get as much memory as on a store thread, 12 MB (src/stores/embedded/engine/start-store-thread.ts).
const heap = '--max-semi-space-size=4';
if (!process.execArgv.includes(heap)) {
  const again = spawnSync(process.execPath, [heap, ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(again.status ?? 1);
}

const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '200000' },
    servers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    // What the program asks of processes of its own: each phase has its memory measured by itself.
    phase: { type: 'string' },
    folder: { type: 'string' },
  },
});
const count = Number(options.documents);
const say = (text: string): void => console.error(text);

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: string;
  readonly kept?: boolean;
}
const figures: Figure[] = [];
const round = (value: number): number => (value < 10 ? Math.round(value * 100) / 100 : Math.round(value));

/** CPU of this thread, ms. */
function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
const peakMb = (): number => process.resourceUsage().maxRSS / 1_024;

/** Short work is repeated for this long, ms, since the clock of CPU time is coarse. */
const shortest = 100;

/** The least CPU and elapsed time of several runs, ms. */
function measure(work: () => unknown): { cpu: number; elapsed: number } {
  const best = { cpu: Number.POSITIVE_INFINITY, elapsed: Number.POSITIVE_INFINITY };
  for (let i = 0; i < 5; i++) {
    const [began, cpuBefore] = [performance.now(), cpu()];
    let runs = 0;
    do {
      work();
      runs++;
    } while (performance.now() - began < shortest);
    best.cpu = Math.min(best.cpu, (cpu() - cpuBefore) / runs);
    best.elapsed = Math.min(best.elapsed, (performance.now() - began) / runs);
  }
  return best;
}

function add(what: string, value: number, unit: string, target?: { most?: number; least?: number }): void {
  const kept = target && (target.most === undefined || value <= target.most) && value >= (target.least ?? 0);
  figures.push({
    what,
    value: round(value),
    unit,
    ...(target && { target: target.most ? `<= ${target.most}` : `>= ${target.least}`, kept: kept === true }),
  });
}

const storePath = (folder: string): string => join(folder, 'store.db');

async function importing(folder: string, what: string, file: string, least: number): Promise<void> {
  const store = openBenchStore(storePath(folder));
  const started = cpu();
  await importInto(store, 'orders', file);
  add(`import ${what}, per CPU second`, count / ((cpu() - started) / 1_000), 'documents/s', { least });
  await importInto(store, 'customers', filesIn(folder).customers);
  store.close();
  add(`import ${what}, peak memory`, peakMb(), 'MB', { most: 250 });
}

function indexing(folder: string): void {
  const store = openBenchStore(storePath(folder));
  const started = cpu();
  store.createIndexes();
  add('create 4 indexes', cpu() - started, 'ms CPU');
  store.close();
  add('create 4 indexes, peak memory', peakMb(), 'MB', { most: 250 });
}

const phases: Record<string, (folder: string) => Promise<void> | void> = {
  files: (folder) => writeFiles(folder, count),
  async json(folder) {
    await importing(folder, 'Extended JSON', filesIn(folder).json, 6_000);
    await rm(storePath(folder));
  },
  bson: (folder) => importing(folder, 'a BSON dump', filesIn(folder).dump, 10_000),
  indexes: indexing,
};

const phase = options.phase && phases[options.phase];
if (phase && options.folder) {
  await phase(options.folder);
  console.log(JSON.stringify(figures));
  process.exit();
}

const folder = await mkdtemp(join(tmpdir(), 'hydrogen-bench-documents-'));
try {
  const path = storePath(folder);
  for (const name of Object.keys(phases)) {
    say(`${count.toLocaleString('en')} documents: ${name}`);
    const args = [process.argv[1] ?? '', '--documents', String(count), '--phase', name, '--folder', folder];
    const { status, stdout } = spawnSync(process.execPath, [heap, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The phase "${name}" failed.`);
    figures.push(...(JSON.parse(stdout) as Figure[]));
  }
  const store = openBenchStore(path);

  const elapsed = new Map<string, number>();
  const found = new Map<string, number>();
  for (const { what, query, target } of cases) {
    const best = measure(() => store.run(query));
    elapsed.set(what, best.elapsed);
    found.set(what, store.run(query));
    // The targets are for 200,000 documents.
    add(what, best.cpu, 'ms CPU', target === undefined || count > 200_000 ? undefined : { most: target });
  }
  add('queries, peak memory', peakMb(), 'MB', { most: 250 });
  store.close();
  add('file with indexes', (await stat(path)).size / 1e6, 'MB');
  add('BSON in it', (await stat(filesIn(folder).dump)).size / 1e6, 'MB');

  const servers = options.servers ? await measureServers(cases, count, say) : new Map();
  const ratios = [...servers].flatMap(([server, results]) =>
    cases.map(({ what }: Case) => {
      const ours = elapsed.get(what) ?? Number.NaN;
      const result = results.get(what) ?? { failure: 'not measured' };
      if ('failure' in result) return { server, what, ours: round(ours), theirs: result.failure };
      const same = result.found === found.get(what);
      return {
        server,
        what,
        ours: round(ours),
        theirs: round(result.ms),
        ratio: round(result.ms / ours),
        ...(!same && { note: `${result.found} found, not ${found.get(what)}` }),
      };
    }),
  );
  if (options.json) console.log(JSON.stringify({ documents: count, figures, ratios }, null, 2));
  else {
    console.log(table(figures.map((figure) => ({ ...figure }))));
    if (ratios.length > 0) console.log(`Elapsed ms\n${table(ratios)}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
