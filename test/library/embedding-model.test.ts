import { cp, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Call, Progress } from '../../src/call.ts';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import type { Embedder } from '../../src/embeddings/types.ts';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedLibraryPorts } from '../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { posix } from '../support/platform.ts';
import { folderOf, openLibrary, openOn, smallLibrary, writeFiles } from './support.ts';

const packaged = fileURLToPath(new URL('../../models/hydrogen-embed-small-en', import.meta.url));

/** The packaged model under another name, with another tokenizer configuration: vectors of another kind. */
async function otherModel(directory: string): Promise<string> {
  const folder = join(directory, 'other-model');
  await cp(packaged, folder, { recursive: true });
  const config = JSON.parse(await readFile(join(folder, 'tokenizer_config.json'), 'utf8'));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ ...config, model_max_length: 64 }));
  return folder;
}

/** A model of the tests' own, and a data directory with the small library and vectors of the packaged model. */
let made: string;
let otherEmbedder: Embedder;

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  otherEmbedder = createEmbedder(
    { model: await otherModel(made), cacheDirectory: join(made, 'models'), timeoutMs: 5_000 },
    createLog('silent'),
  );
  await mkdir(join(made, 'docs'));
  await writeFiles(join(made, 'docs'), smallLibrary);
  const { library, close } = openOn(join(made, 'data'));
  await library.ingest([join(made, 'docs')], testCall());
  await close();
});

afterAll(async () => {
  await otherEmbedder.close();
  await rm(made, { recursive: true, force: true, maxRetries: 5 });
});

/** The other model, in a process that outlives the library it is given to. */
const other = (): Embedder => ({ ...otherEmbedder, close: async () => {} });

/** A copy of that data directory. */
async function indexed(): Promise<string> {
  const directory = await temporaryDirectory();
  await cp(join(made, 'data'), directory, { recursive: true });
  return directory;
}

const waiting = 'waiting for another process making vectors';
const question = { query: 'notice an escape', limit: 3, mode: 'hybrid' } as const;

test('with another model than the index was made with, keywords answer and the note says what to do', async () => {
  const directory = await indexed();

  const library = await openLibrary({ directory, embedder: other() });
  const { mode, notes } = await library.search(question, testCall());
  const { mismatch } = await library.status(testCall());

  expect(mode).toBe('keyword');
  expect(notes).toEqual([
    expect.stringMatching(
      /^Searched by keyword only.*"hydrogen-embed-small-en", not "other-model".*hydrogen reindex/,
    ),
  ]);
  expect(notes[0]).toContain(mismatch);
});

test('with another model, new documents get no vectors that would be mixed with the old ones', async () => {
  const directory = await indexed();

  const library = await openLibrary({ directory, embedder: other() });
  const report = await library.ingest([await folderOf({ 'new.md': '# New\n\nText.' }, 'new')], testCall());

  expect(report).toMatchObject({
    embedded: 0,
    pending: 1,
    notes: [expect.stringMatching(/hydrogen reindex/)],
  });
});

test('re-embedding makes all vectors anew with the configured model', async () => {
  const directory = await indexed();

  const library = await openLibrary({ directory, embedder: other() });
  const report = await library.ingest([], testCall(), { reembed: true });
  const { mode, notes } = await library.search(question, testCall());

  expect(report).toMatchObject({ embedded: 4, pending: 0 });
  expect({ mode, notes }).toEqual({ mode: 'hybrid', notes: [] });
});

test('reindexing waits for another process that makes vectors', async () => {
  const directory = await indexed();
  const storeFile = createEmbeddedStore(directory, 1);
  onTestFinished(() => storeFile.close());
  const { lease } = createEmbeddedLibraryPorts(storeFile);
  const owner = 'another';
  await lease.claim(owner, testCall());
  const told: Progress[] = [];

  const library = await openLibrary({ directory, embedder: other() });
  const report = library.reindex(testCall({ progress: (progress) => told.push(progress) }));
  await vi.waitFor(() => expect(told.map(({ message }) => message)).toContain(waiting), 60_000);
  await lease.release(owner, testCall());

  expect(await report).toMatchObject({ rebuilt: 4 });
});

test('of two processes that reindex, the second finds the work done', async () => {
  const directory = await indexed();
  const libraries = await Promise.all([1, 2].map(() => openLibrary({ directory, embedder: other() })));

  const reports = await Promise.all(libraries.map((library) => library.reindex(testCall())));

  expect(reports.map(({ rebuilt }) => rebuilt).sort()).toEqual([0, 4]);
});

test('re-embedding without a model is refused and forgets nothing', async () => {
  const directory = await indexed();

  const library = await openLibrary({ directory, embedding: { model: 'none' } });

  await expect(library.ingest([], testCall(), { reembed: true })).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(await library.status(testCall())).toMatchObject({ embedded: 4 });
});

test('the same model from another folder fits the index', async () => {
  const directory = await indexed();
  const copy = join(await temporaryDirectory(), 'hydrogen-embed-small-en');
  await cp(packaged, copy, { recursive: true });

  const library = await openLibrary({ directory, embedding: { model: copy } });

  expect(await library.search(question, testCall())).toMatchObject({ mode: 'hybrid', notes: [] });
});

test('a folder without its weights is reported missing, by what is missing', async () => {
  const folder = await otherModel(await temporaryDirectory());
  await rm(join(folder, 'onnx'), { recursive: true });
  const library = await openLibrary({ embedding: { model: folder } });

  await library.search(question, testCall());

  const { model } = await library.status(testCall());
  expect(model.state).toBe('missing');
  expect(model.detail).toMatch(/"other-model" has no onnx\/model\.onnx/);
  expect(model.detail).not.toContain(folder);
});

test('damaged weights are reported, and keywords go on', async () => {
  const folder = await otherModel(await temporaryDirectory());
  await truncate(join(folder, 'onnx/model_quantized.onnx'), 1000);
  const library = await openLibrary({ embedding: { model: folder } });
  await library.ingest([await folderOf(smallLibrary)], testCall());

  const { hits, mode, notes } = await library.search({ ...question, query: 'steel bottles' }, testCall());

  expect(hits[0]?.document).toBe('docs/storage.md');
  expect(mode).toBe('keyword');
  expect(notes.join(' ')).toMatch(/"other-model" exist but cannot be loaded/);
});

test('a model that was put in place later is found without a restart', async () => {
  const folder = join(await temporaryDirectory(), 'late-model');
  const library = await openLibrary({ embedding: { model: folder } });
  await library.ingest([await folderOf(smallLibrary)], testCall());
  expect(await library.status(testCall())).toMatchObject({ model: { state: 'missing' } });
  await symlink(packaged, folder, 'junction');

  await library.ingest([], testCall());

  expect(await library.status(testCall())).toMatchObject({ embedded: 4, model: { state: 'ready' } });
});

const patient = (overrides: Partial<Call> = {}): Call =>
  testCall({ deadline: Date.now() + 60_000, ...overrides });

const pages = Object.fromEntries(
  Array.from({ length: 100 }, (_, i) => [`${i}.md`, `# Page ${i}\n\nTank number ${i} holds hydrogen.`]),
);

test('while vectors of another model are made, those of the old one serve; what was made is not made again', async () => {
  const tanks = { ...question, query: 'a tank of hydrogen' };
  const directory = await temporaryDirectory();
  const old = await openLibrary({ directory });
  await old.ingest([await folderOf(pages)], patient());
  const library = await openLibrary({ directory, embedder: other() });
  const stop = new AbortController();
  const progress: Call['progress'] = ({ message = '' }) => {
    if (message.startsWith('embedding')) stop.abort();
  };
  const started = library.reindex(patient({ signal: stop.signal, progress }));
  await expect(started).rejects.toMatchObject({ code: 'cancelled' });

  expect(await old.search(tanks, patient())).toMatchObject({ mode: 'hybrid', notes: [] });
  const report = await library.reindex(patient());

  expect(report).toMatchObject({ rebuilt: 36, pending: 0 });
  expect(await library.search(tanks, patient())).toMatchObject({ mode: 'hybrid', notes: [] });
  expect((await old.search(tanks, patient())).notes.join()).toMatch(/hydrogen reindex/);
});

test('what was begun for another model is given up once the model is the old one again', async () => {
  const directory = await temporaryDirectory();
  const old = await openLibrary({ directory });
  await old.ingest([await folderOf(pages)], patient());
  const library = await openLibrary({ directory, embedder: other() });
  const stop = new AbortController();
  const progress: Call['progress'] = ({ message = '' }) => {
    if (message.startsWith('embedding')) stop.abort();
  };
  await expect(library.reindex(patient({ signal: stop.signal, progress }))).rejects.toThrow();
  const spaces = (): unknown[] => {
    const db = new DatabaseSync(join(directory, 'hydrogen.sqlite'), { readOnly: true });
    try {
      return db.prepare('SELECT state FROM index_spaces').all();
    } finally {
      db.close();
    }
  };
  expect(spaces()).toHaveLength(2);

  await old.reindex(patient());

  expect(spaces()).toEqual([{ state: 'serving' }]);
});

test('documents that another version has read are read again by reindex, and keep their vectors', async () => {
  const directory = await temporaryDirectory();
  const library = await openLibrary({ directory });
  await library.ingest([await folderOf(smallLibrary)], patient());
  await library.add(
    { name: 'note', text: '# Note\n\nSomething.', type: 'markdown', metadata: {} },
    patient(),
  );
  await library.ingest([], patient());
  const db = new DatabaseSync(join(directory, 'hydrogen.sqlite'));
  db.exec("UPDATE index_documents SET format = 'older'; UPDATE index_state SET sequence = sequence + 1");
  db.close();
  expect((await library.status(patient())).mismatch).toMatch(
    /4 documents.*another version.*hydrogen reindex/,
  );

  const report = await library.reindex(patient());

  expect(report).toMatchObject({ changed: 3, embedded: 0, pending: 0, notes: [] });
  expect((await library.status(patient())).mismatch).toBeUndefined();
});

test.runIf(posix('symbolic links that any user may make'))(
  'reindex does not follow a link that has taken the place of a file',
  async () => {
    const directory = await temporaryDirectory();
    const library = await openLibrary({ directory });
    const folder = await folderOf(smallLibrary);
    const outside = await folderOf({ 'secret.txt': 'The passphrase is zymurgy.\n' }, 'outside');
    await library.ingest([folder], patient());
    await rm(join(folder, 'cost.txt'));
    await symlink(join(outside, 'secret.txt'), join(folder, 'cost.txt'));
    const db = new DatabaseSync(join(directory, 'hydrogen.sqlite'));
    db.exec("UPDATE index_documents SET format = 'older'; UPDATE index_state SET sequence = sequence + 1");
    db.close();

    await library.reindex(patient());

    const { documents } = await library.list({ limit: 10 }, patient());
    expect(documents.map(({ id }) => id)).not.toContain('outside/secret.txt');
    const { hits } = await library.search({ query: 'zymurgy', mode: 'keyword', limit: 5 }, patient());
    expect(hits).toEqual([]);
  },
);
