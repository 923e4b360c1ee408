// Search quality on judged collections (BEIR layout), through the public Library with the packaged model:
//   node scripts/eval-search.ts [folder] [collection…] [--model NAME]
// Prints nDCG@10 of keyword, semantic and hybrid search. Retrieved passages count for their document.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Call, owner } from '../src/call.ts';
import { createEmbedder } from '../src/embeddings/embedder.ts';
import { packagedModel } from '../src/embeddings/models.ts';
import { createLibrary } from '../src/library/library.ts';
import type { Library, SearchMode } from '../src/library/types.ts';
import { createLog } from '../src/observability/log.ts';
import { createStoreFile } from '../src/stores/sqlite/store-file.ts';

/** Handed out beside the repository; not part of it. */
export const collectionsFolder = fileURLToPath(new URL('../../shared/eval/ir/', import.meta.url));

const modes = ['keyword', 'semantic', 'hybrid'] as const;
const depth = 10;
const log = createLog('error');

interface Line {
  readonly _id: string;
  readonly title?: string;
  readonly text: string;
}

function jsonLines(file: string): Line[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** Judgements by query: document → relevance. */
function judgements(file: string): Map<string, Map<string, number>> {
  const byQuery = new Map<string, Map<string, number>>();
  for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
    const [query, document, relevance] = line.split('\t');
    if (!query || !document) continue;
    const known = byQuery.get(query) ?? new Map<string, number>();
    byQuery.set(query, known.set(document, Number(relevance)));
  }
  return byQuery;
}

/** Gain 2^rel - 1, discount log2(rank + 1) (Järvelin and Kekäläinen 2002). */
function ndcg(ranked: readonly string[], judged: ReadonlyMap<string, number>): number {
  const dcg = (gains: readonly number[]): number =>
    gains.reduce((sum, relevance, i) => sum + (2 ** relevance - 1) / Math.log2(i + 2), 0);
  const ideal = [...judged.values()].sort((a, b) => b - a).slice(0, depth);
  const best = dcg(ideal);
  return best === 0 ? 0 : dcg(ranked.slice(0, depth).map((document) => judged.get(document) ?? 0)) / best;
}

function call(): Call {
  const { signal } = new AbortController();
  return { caller: owner, signal, deadline: Number.POSITIVE_INFINITY, progress() {}, log };
}

async function writeCorpus(documents: readonly Line[], folder: string): Promise<Map<string, string>> {
  const idOf = new Map<string, string>();
  for (const [i, { _id, title = '', text }] of documents.entries()) {
    const front = title === '' ? '' : `---\ntitle: ${JSON.stringify(title)}\n---\n`;
    await writeFile(join(folder, `${i}.md`), front + text);
    idOf.set(`${i}.md`, _id);
  }
  return idOf;
}

async function rankDocuments(
  library: Library,
  query: string,
  mode: SearchMode,
  idOf: ReadonlyMap<string, string>,
): Promise<string[]> {
  const { hits } = await library.search({ query, limit: 60, mode }, call());
  const documents = hits.map(({ document }) => idOf.get(document.slice(document.lastIndexOf('/') + 1)) ?? '');
  return [...new Set(documents)];
}

/** nDCG@10 by mode, and ms per query. */
export interface Quality {
  readonly scores: Readonly<Record<(typeof modes)[number], number>>;
  readonly msPerQuery: Readonly<Record<(typeof modes)[number], number>>;
  readonly chunks: number;
  readonly ingestSeconds: number;
}

/** Ingests a collection into a store of its own and asks all its questions. */
export async function evaluate(collection: string, model = packagedModel): Promise<Quality> {
  const directory = await mkdtemp(join(tmpdir(), 'hydrogen-eval-'));
  const corpus = await mkdtemp(join(tmpdir(), 'hydrogen-corpus-'));
  const storeFile = createStoreFile(directory, 2);
  const embedder = createEmbedder({ model, cacheDirectory: directory, timeoutMs: 30_000 }, log);
  const library = createLibrary({ storeFile, embedder, log });
  try {
    const idOf = await writeCorpus(jsonLines(join(collection, 'corpus.jsonl')), corpus);
    const queries = jsonLines(join(collection, 'queries.jsonl'));
    const judged = judgements(join(collection, 'qrels.tsv'));
    const startedAt = performance.now();
    const { chunks, pending } = await library.ingest([corpus], call());
    if (pending > 0) throw new Error(`${pending} passages have no vector`);
    const ingestSeconds = (performance.now() - startedAt) / 1000;
    const scores = { keyword: 0, semantic: 0, hybrid: 0 };
    const msPerQuery = { keyword: 0, semantic: 0, hybrid: 0 };
    const asked = queries.filter(({ _id }) => judged.has(_id));
    for (const mode of modes) {
      const begun = performance.now();
      for (const { _id, text } of asked) {
        scores[mode] += ndcg(await rankDocuments(library, text, mode, idOf), judged.get(_id) ?? new Map());
      }
      scores[mode] /= asked.length;
      msPerQuery[mode] = (performance.now() - begun) / asked.length;
    }
    return { scores, msPerQuery, chunks, ingestSeconds };
  } finally {
    await library.close();
    await storeFile.close();
    await Promise.all([directory, corpus].map((one) => rm(one, { recursive: true, force: true })));
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { model: { type: 'string' } },
  });
  const [folder = collectionsFolder, ...names] = positionals;
  if (!existsSync(folder)) {
    console.error(`No judged collections in ${folder}.`);
    process.exitCode = 1;
    return;
  }
  for (const name of names.length > 0 ? names : readdirSync(folder)) {
    const { scores, msPerQuery, chunks, ingestSeconds } = await evaluate(join(folder, name), values.model);
    const columns = modes.map(
      (mode) => `${mode} ${scores[mode].toFixed(3)} (${msPerQuery[mode].toFixed(1)} ms)`,
    );
    console.log(`${name}: ${columns.join(' · ')} · ${chunks} passages in ${ingestSeconds.toFixed(1)} s`);
  }
}

if (import.meta.main) await main();
