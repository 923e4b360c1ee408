// Search quality on judged collections in BEIR layout (corpus.jsonl, queries.jsonl, qrels.tsv), through the
// product's own ingest and search:
//   npm run eval-search -- DIR… [--json] [--model NAME] [--retriever qdrant]
// A DIR is a collection or a folder of collections; without one, those handed out beside the repository.
// Prints nDCG@10, recall@100 and MRR@10 of keyword, semantic and hybrid search, and their means. With --retriever qdrant
// the passages are in collections of the server that HYDROGEN_TEST_QDRANT_URL names, or of its engine behind a front
// (npm run servers), which are deleted afterwards.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Call, owner } from '../src/call.ts';
import { createEmbedder } from '../src/embeddings/embedder.ts';
import { packagedModel } from '../src/embeddings/models.ts';
import { createLibrary } from '../src/library/library.ts';
import {
  evaluate,
  type JudgedQuestion,
  type Quality,
  searchModes,
} from '../src/library/searching/evaluate.ts';
import type { SearchMode } from '../src/library/types.ts';
import { createLog } from '../src/observability/log.ts';
import type { StoreFile } from '../src/stores/embedded/engine/store-file.ts';
import {
  createEmbeddedCatalog,
  createEmbeddedLibraryPorts,
} from '../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../src/stores/embedded/store.ts';
import { withPassagesIn } from '../src/stores/index/passages-elsewhere.ts';
import type { LibraryPorts } from '../src/stores/index/types.ts';

/** Handed out beside the repository; not part of it. */
export const collectionsFolder = fileURLToPath(new URL('../../shared/eval/ir/', import.meta.url));

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

function call(): Call {
  const { signal } = new AbortController();
  return { caller: owner, signal, deadline: Number.POSITIVE_INFINITY, progress() {}, log };
}

/** One file a document; returns which document a file is. */
async function writeCorpus(documents: readonly Line[], folder: string): Promise<Map<string, string>> {
  const idOf = new Map<string, string>();
  for (const [i, { _id, title = '', text }] of documents.entries()) {
    const front = title === '' ? '' : `---\ntitle: ${JSON.stringify(title)}\n---\n`;
    await writeFile(join(folder, `${i}.md`), front + text);
    idOf.set(`${i}.md`, _id);
  }
  return idOf;
}

function questionsOf(collection: string): JudgedQuestion[] {
  const judged = judgements(join(collection, 'qrels.tsv'));
  return jsonLines(join(collection, 'queries.jsonl')).flatMap(({ _id, text }) => {
    const relevant = judged.get(_id);
    return relevant ? [{ query: text, relevant }] : [];
  });
}

/** What was measured on one collection, by mode. */
export interface Measured {
  readonly modes: Readonly<Record<SearchMode, Quality & { readonly msPerQuestion: number }>>;
  readonly documents: number;
  readonly passages: number;
  readonly questions: number;
  readonly ingestSeconds: number;
}

/** Where passages are, for the time of a measurement. */
interface Opened {
  readonly ports: LibraryPorts;
  close(): Promise<void>;
}

type OpenPorts = (file: StoreFile) => Promise<Opened>;

const openEmbedded: OpenPorts = async (file) => ({
  ports: createEmbeddedLibraryPorts(file),
  close: async () => {},
});

/** Passages on Qdrant, documents in the store file. */
const openQdrant: OpenPorts = async (file) => {
  const { qdrantForScript } = await import('./servers/qdrant-collection.ts');
  const { index, close } = await qdrantForScript();
  const catalog = withPassagesIn(index, 'qdrant', createEmbeddedCatalog(file));
  return {
    ports: { ...createEmbeddedLibraryPorts(file), catalog, retriever: index, backfill: index },
    close,
  };
};

/** Ingests a collection into a store of its own and asks all its questions. */
export async function measure(
  collection: string,
  model = packagedModel,
  open: OpenPorts = openEmbedded,
): Promise<Measured> {
  const directory = await mkdtemp(join(tmpdir(), 'hydrogen-eval-'));
  const corpus = await mkdtemp(join(tmpdir(), 'hydrogen-corpus-'));
  const storeFile = createEmbeddedStore(directory, 2);
  const embedder = createEmbedder({ model, cacheDirectory: directory, timeoutMs: 30_000 }, log);
  const { ports, close } = await open(storeFile);
  const library = createLibrary({
    ...ports,
    embedder,
    log,
    own: { dataDirectory: directory, files: [] },
  });
  try {
    const idOf = await writeCorpus(jsonLines(join(collection, 'corpus.jsonl')), corpus);
    const nameOf = (document: string): string =>
      idOf.get(document.slice(document.lastIndexOf('/') + 1)) ?? '';
    const startedAt = performance.now();
    const { added, chunks, pending, skipped } = await library.ingest([corpus], call());
    const reasons = [...new Set(skipped.map(({ reason }) => reason))].join('; ');
    if (skipped.length > 0) console.error(`${basename(collection)}: ${skipped.length} skipped: ${reasons}`);
    if (pending > 0) throw new Error(`${pending} passages have no vector`);
    const ingestSeconds = (performance.now() - startedAt) / 1000;
    const questions = questionsOf(collection);
    const modes = {} as Record<SearchMode, Quality & { msPerQuestion: number }>;
    for (const mode of searchModes) {
      const { missed: _, ...quality } = await evaluate(library, questions, mode, nameOf, call());
      modes[mode] = quality;
    }
    return { modes, documents: added, passages: chunks, questions: questions.length, ingestSeconds };
  } finally {
    await library.close();
    await close();
    await storeFile.close();
    await Promise.all([directory, corpus].map((one) => rm(one, { recursive: true, force: true })));
  }
}

/** The collections that a folder is or holds. */
function collectionsIn(folder: string): string[] {
  const isCollection = (one: string): boolean => existsSync(join(one, 'qrels.tsv'));
  if (isCollection(folder)) return [folder];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter(isCollection);
}

function meansOf(results: readonly Measured[]): Record<SearchMode, Quality> {
  const mean = (value: (one: Measured) => number): number =>
    results.reduce((sum, one) => sum + value(one), 0) / results.length;
  const qualityIn = (mode: SearchMode): Quality => ({
    ndcg10: mean(({ modes }) => modes[mode].ndcg10),
    recall100: mean(({ modes }) => modes[mode].recall100),
    mrr10: mean(({ modes }) => modes[mode].mrr10),
  });
  return { keyword: qualityIn('keyword'), semantic: qualityIn('semantic'), hybrid: qualityIn('hybrid') };
}

function printQuality(name: string, modes: Readonly<Record<SearchMode, Quality>>): void {
  for (const mode of searchModes) {
    const { ndcg10, recall100, mrr10 } = modes[mode];
    const figures = [ndcg10, recall100, mrr10].map((value) => value.toFixed(4).padStart(12));
    console.log(`${name.padEnd(24)}${mode.padEnd(10)}${figures.join('')}`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      json: { type: 'boolean', default: false },
      retriever: { type: 'string', default: 'embedded' },
    },
  });
  const given = positionals.length > 0 ? positionals : [collectionsFolder];
  const missing = given.filter((folder) => !existsSync(folder) || collectionsIn(folder).length === 0);
  if (missing.length > 0) {
    console.error(`No judged collection (corpus.jsonl, queries.jsonl, qrels.tsv) in ${missing.join(', ')}.`);
    process.exitCode = 1;
    return;
  }
  const header = ['nDCG@10', 'recall@100', 'MRR@10'].map((name) => name.padStart(12)).join('');
  if (!values.json) console.log(`${''.padEnd(34)}${header}`);
  const results: Record<string, Measured> = {};
  for (const collection of given.flatMap(collectionsIn)) {
    const name = basename(collection);
    const measured = await measure(
      collection,
      values.model,
      values.retriever === 'qdrant' ? openQdrant : openEmbedded,
    );
    results[name] = measured;
    if (!values.json) printQuality(name, measured.modes);
  }
  const mean = meansOf(Object.values(results));
  if (values.json)
    console.log(JSON.stringify({ model: values.model ?? packagedModel, results, mean }, null, 2));
  else printQuality('mean', mean);
}

if (import.meta.main) await main();
