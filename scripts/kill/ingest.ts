import type { ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { assertOften, hydrogen, inspect, kill9, pause, peek, start } from './process.ts';

/** So many that they are written in several batches (see src/library/sync/files/read-files.ts), with few words each. */
const files = 1_100;

async function writeFolder(folder: string, subject: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < files; i++) {
    const text = `Plant ${i} of ${subject} keeps hydrogen at ${i} bar.`;
    await writeFile(join(folder, `page-${i}.md`), `# ${subject} ${i}\n\n${text}\n`);
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

/** Resolves when documents beside the acknowledged ones can be seen, or the process has ended. */
async function firstBatch(dataDir: string, acknowledged: number, child: ChildProcess): Promise<void> {
  const seen = (): number =>
    peek(dataDir, (db) => Number(db.prepare('SELECT count(*) AS n FROM index_documents').get()?.['n']));
  while (child.exitCode === null && seen() <= acknowledged) await pause(2);
}

/** Each trial: one folder is ingested and acknowledged, the ingest of another killed, then repeated. */
export async function ingestTrials(trials: number, random: () => number): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'hydrogen-kill-'));
  try {
    const first = join(base, 'first');
    const second = join(base, 'second');
    const before = join(base, 'before');
    const fresh = join(base, 'fresh');
    await writeFolder(first, 'caverns');
    await writeFolder(second, 'pipelines');
    hydrogen(before, 'ingest', first);
    const acknowledged = inspect(before, state);
    await cp(before, fresh, { recursive: true });
    const began = performance.now();
    hydrogen(fresh, 'ingest', second);
    const wholeMs = performance.now() - began;
    const wanted = inspect(fresh, state);
    let killed = 0;
    let partly = 0;
    for (let trial = 0; trial < trials; trial++) {
      const dataDir = join(base, `trial-${trial}`);
      await cp(before, dataDir, { recursive: true });
      const child = start(dataDir, 'ingest', second);
      // Anywhere; every other time between the first batch of documents and the last, which are few moments.
      if (trial % 2 === 0) await pause(100 + random() * (wholeMs - 100) * 0.9);
      else {
        await firstBatch(dataDir, acknowledged.documents.length, child);
        await pause(random() * 50);
      }
      if (await kill9(child)) killed++;
      const after = inspect(dataDir, state);
      consistent(after);
      const kept = new Set(after.documents);
      const lost = acknowledged.documents.filter((document) => !kept.has(document));
      if (lost.length > 0) throw new Error(`ingest trial ${trial}: lost ${lost.slice(0, 3)}`);
      if (kept.size > acknowledged.documents.length && kept.size < wanted.documents.length) partly++;
      hydrogen(dataDir, 'ingest', second);
      const repeated = inspect(dataDir, state);
      if (JSON.stringify(repeated) !== JSON.stringify(wanted))
        throw new Error(`ingest trial ${trial}: the repeated ingest differs from a fresh one`);
      await rm(dataDir, { recursive: true });
    }
    process.stdout.write(
      `ingest: ${trials} trials, ${killed} killed in the middle (${partly} between two batches), nothing lost, all repeated\n`,
    );
    assertOften('ingest', trials, killed);
  } finally {
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  }
}
