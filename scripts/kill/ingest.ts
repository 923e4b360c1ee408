import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { assertOften, hydrogen, inspect, kill9, pause, start } from './process.ts';

const files = 60;

async function writeFolder(folder: string, subject: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < files; i++) {
    const sections = Array.from(
      { length: 4 },
      (_, s) =>
        `## Part ${s}\n\nPlant ${i} of ${subject}: ${'a sentence about pressure and storage. '.repeat(12)}\n`,
    );
    await writeFile(join(folder, `page-${i}.md`), `# ${subject} ${i}\n\n${sections.join('\n')}`);
  }
}

/** What a reader can see of the index: documents with their chunks, vectors and postings. */
function state(db: DatabaseSync) {
  const count = (sql: string): number => Number(db.prepare(sql).get()?.['n']);
  return {
    documents: db
      .prepare('SELECT id, hash, chunks FROM index_documents ORDER BY id')
      .all()
      .map((row) => `${row['id']} ${row['hash']} ${row['chunks']}`),
    chunks: count('SELECT count(*) AS n FROM index_chunks'),
    declared: count('SELECT coalesce(sum(chunks), 0) AS n FROM index_documents'),
    vectors: count('SELECT count(*) AS n FROM index_vectors'),
    embedded: count('SELECT count(*) AS n FROM index_chunks WHERE embedded = 1'),
  };
}

function consistent(found: ReturnType<typeof state>): void {
  if (found.chunks !== found.declared) throw new Error(`${found.chunks} chunks, ${found.declared} declared`);
  if (found.vectors !== found.embedded)
    throw new Error(`${found.vectors} vectors, ${found.embedded} embedded`);
}

/** Each trial: one folder ingested and acknowledged, the ingest of another killed, then repeated. */
export async function ingestTrials(trials: number, random: () => number): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'hydrogen-kill-'));
  try {
    const [first, second, fresh] = ['first', 'second', 'fresh'].map((name) => join(base, name)) as [
      string,
      string,
      string,
    ];
    await writeFolder(first, 'caverns');
    await writeFolder(second, 'pipelines');
    const ingest = (dataDir: string, folder: string) =>
      hydrogen<{ pending: number }>(dataDir, 'ingest', folder);
    ingest(fresh, first);
    const began = performance.now();
    ingest(fresh, second);
    const wholeMs = performance.now() - began;
    const wanted = inspect(fresh, state);
    let killed = 0;
    let partly = 0;
    for (let trial = 0; trial < trials; trial++) {
      const dataDir = join(base, `trial-${trial}`);
      ingest(dataDir, first);
      const acknowledged = inspect(dataDir, state);
      const child = start(dataDir, 'ingest', second);
      await pause(100 + random() * (wholeMs - 100) * 0.9);
      if (await kill9(child)) killed++;
      const after = inspect(dataDir, state);
      consistent(after);
      const lost = acknowledged.documents.filter((document) => !after.documents.includes(document));
      if (lost.length > 0) throw new Error(`trial ${trial}: lost ${lost.slice(0, 3)}`);
      const added = after.documents.length - acknowledged.documents.length;
      if (added > 0 && added < files) partly++;
      ingest(dataDir, second);
      const repeated = inspect(dataDir, state);
      if (JSON.stringify(repeated) !== JSON.stringify(wanted)) {
        throw new Error(`trial ${trial}: the repeated ingest differs from a fresh one`);
      }
      await rm(dataDir, { recursive: true });
    }
    process.stdout.write(
      `ingest: ${trials} trials, ${killed} killed in the middle, ${partly} of them with some of the documents in the index, nothing lost, all repeated\n`,
    );
    assertOften('ingest', trials, killed);
  } finally {
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  }
}
