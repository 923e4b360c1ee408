// Search at scale: 100,000 passages with real text, synthetic clustered vectors (mixtures of real ones) and
// real questions, served by the built server over stdio. Wall times depend on the machine and its load.
//   npm run bench -- search [--chunks 1000000] [--real] [--json] [--keep DIR]
// With --real every vector is made by the model, which takes minutes.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Call, owner } from '../../src/call.ts';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import { packagedModel } from '../../src/embeddings/models.ts';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedIndex } from '../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import type { Candidate, QueryVector, Selection } from '../../src/stores/index/types.ts';
import { table } from '../demo/table.ts';
import { addChunks, addVectors, shelves, type VectorsOf } from './search/fill.ts';
import { textMaker } from './search/texts.ts';
import { exactTop, vectorMaker } from './search/vectors.ts';
import { startedServer } from './server.ts';
import { memoryMb, percentile, residentMb } from './statistics.ts';

const { values: options } = parseArgs({
  options: {
    chunks: { type: 'string', default: '100000' },
    json: { type: 'boolean', default: false },
    real: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
});
const wanted = Number(options.chunks);
const atStart = Math.min(10_000, wanted);
const isLarge = wanted > 200_000;
/** Real embeddings that the synthetic ones are mixtures of: of texts of every kind. */
const realVectors = 3_000;
const textsBetween = 37;
const rounds = 3;
const recallOf = isLarge ? 20 : 100;

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'dist', 'cli.js');
const cli = existsSync(built) ? built : join(root, 'src', 'cli.ts');
const log = createLog('error');
const call: Call = {
  caller: owner,
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  progress() {},
  log,
};

const figures: { what: string; value: number; unit: string }[] = [];
const add = (what: string, value: number, unit: string): void => {
  figures.push({ what, value: Math.round(value * 10_000) / 10_000, unit });
  if (!options.json) console.error(`${what}: ${value.toFixed(3)} ${unit}`);
};

const dataDir = options.keep ?? (await mkdtemp(join(tmpdir(), 'hydrogen-bench-search-')));
const environment = { ...process.env, HYDROGEN_DATA_DIR: dataDir, HYDROGEN_LOG_LEVEL: 'warn' };
const storeFile = createEmbeddedStore(dataDir, 1);
const index = createEmbeddedIndex(storeFile);
const embedder = createEmbedder({ model: packagedModel, cacheDirectory: dataDir, timeoutMs: 30_000 }, log);

function realQuestions(): string[] {
  const folder = fileURLToPath(new URL('../../../shared/eval/ir/', import.meta.url));
  const files = ['cranfield', 'cookbook_docs'].map((name) => join(folder, name, 'queries.jsonl'));
  const lines = files.every((file) => existsSync(file))
    ? files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
    : readFileSync(join(root, 'samples/eval/queries.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { text, query } = JSON.parse(line) as { text?: string; query?: string };
    return text ?? query ?? '';
  });
}

const questions = realQuestions();

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function measureStart(): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    const server = await startedServer(cli, environment);
    const answer = await server.call('search', { query: questions[i] ?? 'hydrogen' });
    times.push(performance.now() - began);
    if (!JSON.stringify(answer).includes('(hybrid)')) throw new Error('the first search was not hybrid');
    await server.close();
  }
  add(`spawn to first hybrid search answered, ${atStart} passages, p50`, percentile(times, 0.5), 'ms');
  add(`spawn to first hybrid search answered, ${atStart} passages, worst`, Math.max(...times), 'ms');
}

/** What the index centres its vectors on. */
function meanOfIndex(): Float32Array {
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'), { readOnly: true });
  const row = db.prepare("SELECT mean FROM index_spaces WHERE state = 'serving'").get();
  db.close();
  if (!row) throw new Error('the index has no vectors');
  return new Float32Array((row['mean'] as Uint8Array).slice().buffer);
}

/** Reads every vector back, by chunk number. */
function* storedVectors(): Generator<readonly [number, Float32Array]> {
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'), { readOnly: true });
  // The key holds the space's number above the chunk's 32 bits.
  const rows = db.prepare('SELECT key & 4294967295 AS chunk, vector FROM index_vectors');
  for (const { chunk, vector } of rows.iterate()) {
    yield [Number(chunk), new Float32Array((vector as Uint8Array).slice().buffer)];
  }
  db.close();
}

const noWords = { words: '', phrases: [], prefixes: [] };

async function nearestTo(vector: QueryVector, selection: Selection): Promise<readonly Candidate[]> {
  const words = { words: noWords, byWords: 0, scoredWords: noWords };
  const asked = { ...words, vector: Promise.resolve(vector), byMeaning: 100, selection };
  return (await index.candidates(asked, call)).nearest;
}

async function measureRecall(asked: readonly Float32Array[]): Promise<void> {
  const space = embedder.space();
  if (!space) return;
  const { dimensions } = space;
  const mean = meanOfIndex();
  const matrix = new Float32Array(wanted * dimensions);
  for (const [chunk, vector] of storedVectors()) matrix.set(vector, (chunk - 1) * dimensions);
  for (let row = 0; row < wanted; row++)
    centre(matrix.subarray(row * dimensions, (row + 1) * dimensions), mean);
  let found = 0;
  const times: number[] = [];
  const narrow: number[] = [];
  for (const values of asked) {
    const query = { values, space };
    let nearest: readonly { chunk: number }[] = [];
    times.push(
      await timed(async () => {
        nearest = await nearestTo(query, {});
      }),
    );
    const filter = JSON.stringify({ shelf: 7 });
    narrow.push(await timed(() => nearestTo(query, { filter })));
    const top = new Set(nearest.slice(0, 10).map(({ chunk }) => chunk));
    const exact = exactTop(centre(Float32Array.from(values), mean), matrix, 10);
    found += exact.filter((row) => top.has(row + 1)).length;
  }
  add('vector part, recall@10 of exact', found / (10 * asked.length), '');
  add('vector part, p50', percentile(times, 0.5), 'ms');
  add('vector part with a filter that keeps 1 %, p50', percentile(narrow, 0.5), 'ms');
}

function centre(vector: Float32Array, mean: Float32Array): Float32Array {
  let square = 0;
  for (let d = 0; d < vector.length; d++) {
    const value = (vector[d] as number) - (mean[d] as number);
    vector[d] = value;
    square += value * value;
  }
  const scale = 1 / Math.sqrt(square);
  for (let d = 0; d < vector.length; d++) vector[d] = (vector[d] as number) * scale;
  return vector;
}

async function measureSearch(): Promise<void> {
  const server = await startedServer(cli, environment);
  const first = await timed(() => server.call('search', { query: questions[0] ?? 'hydrogen' }));
  add(`first search of a server, ${wanted} passages`, first, 'ms');
  const search = (query: string, args: object = {}) => timed(() => server.call('search', { query, ...args }));
  for (const query of questions.slice(0, 50)) await search(query);
  const cases: Record<string, object> = {
    'hybrid search': {},
    'hybrid search, filter that keeps 1 %': { filter: { shelf: { $in: [7, shelves + 1] } } },
    'keyword search': { mode: 'keyword' },
    'semantic search': { mode: 'semantic' },
  };
  for (const [name, args] of Object.entries(cases)) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const query of questions) times.push(await search(query, args));
    }
    add(`${name}, p50`, percentile(times, 0.5), 'ms');
    add(`${name}, p99`, percentile(times, 0.99), 'ms');
  }
  const phrases: number[] = [];
  for (const phrase of ['"in the"', '"cell membrane"', '"of the company"', '"electric field" charge']) {
    if (phrase !== '"in the"') phrases.push(await search(phrase, { mode: 'keyword' }));
  }
  add('phrase search, worst of 3', Math.max(...phrases), 'ms');
  add('resident memory of the server', residentMb(server.pid), 'MB');
  add('memory of the server and the model', memoryMb(server.pid), 'MB');
  await server.close();
}

try {
  const textOf = textMaker(isLarge ? 400 : 1_000);
  const space = await embedder.ready(call);
  const real = await embedder.embed(
    Array.from({ length: realVectors }, (_, i) => textOf(i * textsBetween)),
    'passage',
    call,
  );
  const synthetic = vectorMaker(real);
  const vectorsOf: VectorsOf = async (chunks) =>
    options.real
      ? await embedder.embed(
          chunks.map(({ text }) => text),
          'passage',
          call,
        )
      : chunks.map(({ chunk }) => synthetic(chunk));
  const seconds = async (work: () => Promise<void>): Promise<number> => (await timed(work)) / 1_000;
  const filled = async (from: number, to: number): Promise<void> => {
    const words = await seconds(() => addChunks(index, { from, to }, textOf, call));
    const vectors = await seconds(() => addVectors(index, space, vectorsOf, call));
    add(`words of ${to - from} passages stored`, (to - from) / words, 'passages/s');
    add(`vectors of ${to - from} passages stored`, (to - from) / vectors, 'passages/s');
  };
  const { chunks: there } = await index.stats(call);
  if (there < atStart) await filled(there, atStart);
  if (there <= atStart) await measureStart();
  if (wanted > Math.max(there, atStart)) await filled(Math.max(there, atStart), wanted);
  await measureSearch();
  const asked = await embedder.embed(questions.slice(0, recallOf), 'query', call);
  await measureRecall(asked);
} finally {
  await embedder.close();
  await storeFile.close();
  if (options.keep === undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}
process.stdout.write(`${options.json ? JSON.stringify(figures, null, 2) : table(figures)}\n`);
