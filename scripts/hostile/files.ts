// Lets a server read a folder of hostile files, asks it other things meanwhile, and checks what it says of
// each file, how long the other answers take and how much memory all its processes take (on Linux).
//   npm run hostile [-- files [path/to/cli.js]]
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostileFiles, makeHostile } from '../../test/support/files/hostile.ts';
import { startedServer } from '../bench/server.ts';
import { percentile } from '../bench/statistics.ts';
import { table } from '../demo/table.ts';
import { watchTree } from './memory.ts';

const maxTreeMb = 600;
const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = process.argv[2] ?? join(root, 'dist', 'cli.js');
const work = await mkdtemp(join(tmpdir(), 'hydrogen-hostile-'));
const folder = join(work, 'hostile');
await mkdir(folder);
const files = hostileFiles({ whole: true });
makeHostile(folder, files);

interface Answer {
  readonly content: readonly { readonly text: string }[];
}

const server = await startedServer(cli, {
  ...process.env,
  HYDROGEN_DATA_DIR: join(work, 'data'),
  HYDROGEN_ENABLE_INGEST: 'true',
  HYDROGEN_FOLDERS: folder,
  HYDROGEN_CALL_TIMEOUT_MS: '600000',
  HYDROGEN_LOG_LEVEL: 'warn',
});
// The model is there and the other calls have been made once: what is measured is the ingest beside them.
await server.call('add_document', { name: 'known', text: 'An electrolyser splits water.', type: 'text' });
const others: readonly (readonly [string, Record<string, unknown>])[] = [
  ['health', {}],
  ['list_documents', {}],
  ['search', { query: 'what splits water?' }],
];
for (const [name, args] of others) await server.call(name, args);

const watch = watchTree(server.pid);
const took: Record<string, number[]> = {};
let isOver = false;
const ask = async (): Promise<void> => {
  for (let i = 0; !isOver; i++) {
    const [name, args] = others[i % others.length] ?? ['health', {}];
    const began = performance.now();
    await server.call(name, args);
    took[name] ??= [];
    took[name].push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const asking = ask();
const began = performance.now();
const answer = (await server.call('ingest', { paths: [folder] })) as Answer;
const seconds = (performance.now() - began) / 1_000;
isOver = true;
await asking;
const memory = watch.stop();
await server.close();

const problems: string[] = [];
const said = answer.content.map(({ text }) => text).join('\n');
const rows = said.split('\n').flatMap((line) => {
  try {
    const row = JSON.parse(line) as { path?: string; reason?: string };
    return row.path === undefined ? [] : [row];
  } catch {
    return [];
  }
});
const lines = files.map(({ path, shown = path, reason, remark }) => {
  const row = rows.find((one) => one.path === `hostile/${shown}`);
  const expected = reason ? row?.reason !== undefined && reason.test(row.reason) : row === undefined;
  if (!expected) problems.push(`${shown}: ${row?.reason ?? 'not mentioned'}`);
  if (remark && !remark.test(said)) problems.push(`${shown}: nothing is said of its content`);
  return { file: shown, said: row?.reason ?? 'read' };
});
console.log(table(lines));
const longest = Math.max(...Object.values(took).flat());
console.log(`\n${files.length} files in ${seconds.toFixed(1)} s. Meanwhile:`);
console.log(
  table(
    Object.entries(took).map(([name, times]) => ({
      call: name,
      times: times.length,
      'median ms': percentile(times, 0.5).toFixed(1),
      'p99 ms': percentile(times, 0.99).toFixed(1),
      'longest ms': Math.max(...times).toFixed(1),
    })),
  ),
);
console.log(`\nLongest answer ${longest.toFixed(0)} ms.`);
if (memory) {
  console.log(
    `Peak memory of all processes: ${memory.peak} MB (${memory.each.join(' + ')}; limit ${maxTreeMb} MB).`,
  );
  if (memory.peak > maxTreeMb) problems.push(`the processes took ${memory.peak} MB`);
}
await rm(work, { recursive: true, force: true });
for (const problem of problems) console.error(`PROBLEM ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
