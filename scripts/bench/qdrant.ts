// Passages on Qdrant at scale: real text, synthetic clustered vectors (mixtures of real ones), real questions; on the
// server that HYDROGEN_TEST_QDRANT_URL names, or on its engine behind a front (npm run servers). Wall times depend on
// the machine and its load: server and client share it.
//   npm run bench -- qdrant [--chunks 100000] [--pid PID-OF-THE-SERVER] [--json]
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemCall } from '../../src/call.ts';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import { packagedModel } from '../../src/embeddings/models.ts';
import { createLog } from '../../src/observability/log.ts';
import type { Selection } from '../../src/stores/index/types.ts';
import { parseWordQuery } from '../../src/stores/index/word-query.ts';
import { table } from '../demo/table.ts';
import { qdrantForScript } from '../servers/qdrant-collection.ts';
import { addChunks, addVectors } from './search/fill.ts';
import { textMaker } from './search/texts.ts';
import { vectorMaker } from './search/vectors.ts';
import { percentile, residentMb } from './statistics.ts';

const { values: options } = parseArgs({
  options: {
    chunks: { type: 'string', default: '100000' },
    pid: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const wanted = Number(options.chunks);
/** Real embeddings that the synthetic ones are mixtures of. */
const realVectors = 1_000;
const textsBetween = 37;
const rounds = 300;

const log = createLog('error');
const call = systemCall(log);
const figures: { what: string; value: number; unit: string }[] = [];
const add = (what: string, value: number, unit: string): void => {
  figures.push({ what, value: Math.round(value * 1_000) / 1_000, unit });
  if (!options.json) console.error(`${what}: ${value.toFixed(3)} ${unit}`);
};

function realQuestions(): string[] {
  const handedOut = fileURLToPath(
    new URL('../../../shared/eval/ir/cranfield/queries.jsonl', import.meta.url),
  );
  const samples = fileURLToPath(new URL('../../samples/eval/queries.jsonl', import.meta.url));
  const lines = readFileSync(existsSync(handedOut) ? handedOut : samples, 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => {
    const { text, query } = JSON.parse(line) as { text?: string; query?: string };
    return text ?? query ?? '';
  });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

const models = await mkdtemp(join(tmpdir(), 'hydrogen-bench-qdrant-'));
const embedder = createEmbedder({ model: packagedModel, cacheDirectory: models, timeoutMs: 30_000 }, log);
const { index, pid, isIndexed, close } = await qdrantForScript();
const server = options.pid === undefined ? pid : Number(options.pid);
const addMemory = async (when: string): Promise<void> => {
  if (server !== undefined) add(`server's memory ${when}`, await residentMb(server), 'MB');
};

/** Waits until the server has indexed what it was given: until then it compares all vectors one by one. */
async function settled(): Promise<void> {
  for (const end = Date.now() + 900_000; Date.now() < end && !(await isIndexed()); ) await delay(2_000);
}

try {
  const textOf = textMaker(1_500);
  const real = await embedder.embed(
    Array.from({ length: realVectors }, (_, i) => textOf(i * textsBetween)),
    'passage',
    call,
  );
  const space = embedder.space();
  if (!space) throw new Error('the model has no space');
  const vectorOf = vectorMaker(real);
  await addMemory('before');

  const words = await seconds(() => addChunks(index, { from: 0, to: wanted }, textOf, call));
  add('passages written a second, words', wanted / words, '/s');
  await addMemory('with words');
  let made = 0;
  const vectors = await seconds(() =>
    addVectors(index, space, async (chunks) => chunks.map(() => vectorOf(made++)), call),
  );
  add('vectors written a second', wanted / vectors, '/s');
  await addMemory('with vectors');

  add('until all is indexed', await seconds(settled), 's');

  const questions = realQuestions();
  async function search(i: number, selection: Selection): Promise<void> {
    const query = parseWordQuery(questions[i % questions.length] ?? '');
    const vector = Promise.resolve({
      values: vectorOf(i * 7 + 3),
      space: space as NonNullable<typeof space>,
    });
    const asked = { words: query, byWords: 100, scoredWords: query, vector, byMeaning: 100, selection };
    const [found] = await Promise.all([index.candidates(asked, call), index.stats(call)]);
    await index.fetch(
      found.scored.slice(0, 50).map(({ chunk }) => chunk),
      call,
    );
  }
  async function measure(what: string, selection: Selection): Promise<void> {
    for (let i = 0; i < 30; i++) await search(i, selection);
    const times: number[] = [];
    const before = process.cpuUsage();
    const began = performance.now();
    for (let i = 0; i < rounds; i++) times.push(1_000 * (await seconds(() => search(i, selection))));
    const wall = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    add(`${what}, p50`, percentile(times, 0.5), 'ms');
    add(`${what}, p99`, percentile(times, 0.99), 'ms');
    add(`${what}, processor time of ours`, (user + system) / 1_000 / rounds, 'ms');
    add(`${what}, share of ours`, (user + system) / 1_000 / wall, '');
  }
  await measure('search', {});
  await measure('search, filter that keeps 1 %', { filter: '{"shelf":7}' });
  await addMemory('after searches');
} finally {
  await embedder.close();
  await close();
  await rm(models, { recursive: true, force: true });
}
if (options.json) console.log(JSON.stringify(figures, null, 2));
else console.log(table(figures));
