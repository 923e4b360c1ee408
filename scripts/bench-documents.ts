// Measures the embedded document store on orders-like documents: CPU of the one thread that does the work,
// with the target beside it, and the memory of the whole process. With --servers the same queries go through
// MongoDB's driver to the wire-protocol servers that `npm run servers` installed; elapsed times are compared.
//   npm run bench:documents [-- --documents 200000] [--servers] [--json]
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Case, cases } from './bench/documents/cases.ts';
import { importInto, openBenchStore, writeFiles } from './bench/documents/embedded.ts';
import { measureServers } from './bench/documents/servers.ts';
import { table } from './demo/table.ts';

// Values that do not live long get as much memory as on a store thread, 12 MB (src/stores/sqlite/lane.ts).
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

const folder = await mkdtemp(join(tmpdir(), 'hydrogen-bench-documents-'));
try {
  say(`writing ${count.toLocaleString('en')} documents to files`);
  const files = await writeFiles(folder, count);
  const before = peakMb();

  const rate = async (what: string, file: string, store: string, least: number): Promise<string> => {
    say(`importing ${what}`);
    const path = join(folder, store);
    const opened = openBenchStore(path);
    const started = cpu();
    await importInto(opened, 'orders', file);
    add(`import ${what}, per CPU second`, count / ((cpu() - started) / 1_000), 'documents/s', { least });
    await importInto(opened, 'customers', files.customers);
    opened.close();
    return path;
  };
  const peaks = (phase: string): void =>
    add(`peak memory, up to here: ${phase}`, peakMb(), 'MB', { most: 250 });
  await rm(await rate('Extended JSON', files.json, 'json.db', 6_000), { force: true });
  const path = await rate('a BSON dump', files.dump, 'dump.db', 10_000);
  peaks('imports');
  const store = openBenchStore(path);
  const started = cpu();
  store.createIndexes();
  add('create 4 indexes', cpu() - started, 'ms CPU');
  peaks('indexes');

  const elapsed = new Map<string, number>();
  const found = new Map<string, number>();
  for (const { what, query, target } of cases) {
    const best = measure(() => store.run(query));
    elapsed.set(what, best.elapsed);
    found.set(what, store.run(query));
    add(what, best.cpu, 'ms CPU', target === undefined ? undefined : { most: target });
  }
  peaks('queries');
  say(`peak memory before the store was opened: ${Math.round(before)} MB`);
  store.close();
  add('file with indexes', (await stat(path)).size / 1e6, 'MB');
  add('BSON in it', (await stat(files.dump)).size / 1e6, 'MB');

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
