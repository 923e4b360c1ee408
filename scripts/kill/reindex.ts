import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Client } from '@modelcontextprotocol/client';
import { packagedModel } from '../../src/embeddings/models.ts';
import { assertAnswers } from './answers.ts';
import { type ChangingFolder, changingFolder } from './changing-folder.ts';
import { checkIndex, type IndexSeen } from './check-index.ts';
import { compareRows, indexRows } from './index-rows.ts';
import { startIngester } from './ingester.ts';
import { assertOften, hydrogen, inspect, pause, root } from './process.ts';
import { building, serving, startReindexer, withModel } from './reindexer.ts';
import { connect } from './writer.ts';

/** Between two changes of the folder, ms. */
const changeMs = 15;

/** The packaged model, cut to so few tokens that its vectors are quite other ones. */
async function writeOtherModel(base: string): Promise<string> {
  const folder = join(base, 'few-tokens');
  await cp(join(root, 'models', packagedModel), folder, { recursive: true });
  const file = join(folder, 'tokenizer_config.json');
  const config = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...config, model_max_length: 12 }));
  return folder;
}

interface Trial {
  readonly dataDir: string;
  readonly folder: ChangingFolder;
  /** The model that all vectors are to be made anew for, and that of the process that ingests. */
  readonly model: string;
  readonly ingestModel: string;
  /** What an undisturbed reindex takes, ms. */
  readonly reindexMs: number;
  readonly random: () => number;
}

interface Outcome {
  readonly ingests: number;
  readonly ingestKilled: boolean;
  readonly reindexKilled: boolean;
  /** Some vectors of the new model were made when the reindex was killed, and did not serve yet. */
  readonly halfBuilt: boolean;
}

/** Everything agrees; and a passage that had a vector and is still there has one, of the old or the new model. */
function assertServed(dataDir: string, before: IndexSeen): void {
  inspect(dataDir, (db: DatabaseSync) => {
    const { chunks, embedded } = checkIndex(db);
    const lost = [...chunks].filter((chunk) => before.embedded.has(chunk) && !embedded.has(chunk));
    if (lost.length > 0) throw new Error(`${lost.length} passages have lost their vectors`);
  });
}

/** Both processes at work on a folder that changes; one of them is killed, or both. */
async function disturb({ dataDir, folder, model, ingestModel, reindexMs, random }: Trial): Promise<Outcome> {
  const before = inspect(dataDir, checkIndex);
  const ingester = await startIngester(dataDir, folder.path, ingestModel);
  const reindexer = startReindexer(dataDir, model);
  const changes = setInterval(() => folder.change(), changeMs);
  try {
    // Every third time anywhere from the start of the process on, else when it has begun to build.
    const anywhere = random() < 0.33;
    while (!anywhere && reindexer.running() && building(dataDir) === undefined) await pause(5);
    await pause(random() * reindexMs * (anywhere ? 1 : 0.5));
    const whom = random();
    const reindexKilled = whom > 0.25 && (await reindexer.kill());
    const halfBuilt = reindexKilled && (building(dataDir) ?? 0) > 0;
    const ingestKilled = whom < 0.75 && (await ingester.kill());
    assertServed(dataDir, before);
    await reindexer.end();
    await ingester.stop();
    assertServed(dataDir, before);
    return { ingests: ingester.count(), ingestKilled, reindexKilled, halfBuilt };
  } finally {
    clearInterval(changes);
    await Promise.all([ingester.kill(), reindexer.kill()]);
  }
}

/** After an ingest that nobody disturbs, the file holds what a fresh one does. */
async function assertWhole({ dataDir, folder, model, random }: Trial): Promise<void> {
  const fresh = `${dataDir}-fresh`;
  const settings = withModel(model);
  if (random() < 0.5) {
    hydrogen(dataDir, ...settings, 'reindex');
    hydrogen(dataDir, ...settings, 'ingest', folder.path);
  } else {
    hydrogen(dataDir, ...settings, 'ingest', '--reembed', folder.path);
  }
  hydrogen(fresh, ...settings, 'ingest', folder.path);
  const spaces = inspect(dataDir, (db) => checkIndex(db).spaces.map(({ state }) => state));
  if (spaces.join() !== 'serving') throw new Error(`in the end there are spaces that are ${spaces}`);
  compareRows(inspect(dataDir, indexRows), inspect(fresh, indexRows));
  await rm(fresh, { recursive: true });
}

/** Each trial: one process ingests a folder that changes, another makes all vectors for another model. */
export async function reindexTrials(trials: number, random: () => number): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'hydrogen-kill-'));
  const dataDir = join(base, 'data');
  let reader: Client | undefined;
  try {
    const models = [packagedModel, await writeOtherModel(base)] as const;
    const folder = changingFolder(join(base, 'pages'), random);
    hydrogen(dataDir, ...withModel(models[0]), 'ingest', folder.path);
    const began = performance.now();
    hydrogen(dataDir, ...withModel(models[1]), 'reindex');
    const reindexMs = performance.now() - began;
    ({ client: reader } = await connect(dataDir, { embeddingModel: 'none', watch: 'false' }));
    const sum = { ingests: 0, inTheMiddle: 0, ingest: 0, reindex: 0, halfBuilt: 0 };
    // Whether a kill leaves a half built index is chance: where it must be seen, more trials are made for it.
    const isSeen = (): boolean => trials < 10 || sum.halfBuilt > 0;
    let trial = 0;
    for (; trial < trials || (!isSeen() && trial < 3 * trials); trial++) {
      const model = models[serving(dataDir).startsWith(packagedModel) ? 1 : 0];
      const ingestModel = models[random() < 0.5 ? 1 : 0];
      const parts = { dataDir, folder, model, ingestModel, reindexMs, random };
      try {
        const { ingests, ingestKilled, reindexKilled, halfBuilt } = await disturb(parts);
        sum.ingests += ingests;
        sum.ingest += ingestKilled ? 1 : 0;
        sum.reindex += reindexKilled ? 1 : 0;
        sum.halfBuilt += halfBuilt ? 1 : 0;
        sum.inTheMiddle += ingestKilled || reindexKilled ? 1 : 0;
        await assertWhole(parts);
        await assertAnswers(dataDir, folder, reader, withModel(model));
      } catch (error) {
        throw new Error(`reindex trial ${trial}: ${(error as Error).message}`, { cause: error });
      }
    }
    process.stdout.write(
      `reindex: ${trial} trials beside ${sum.ingests} whole ingests, ${sum.inTheMiddle} killed in the middle (${sum.ingest} ingests, ${sum.reindex} reindexes, ${sum.halfBuilt} of them half built), everything agrees, all end as a fresh ingest\n`,
    );
    assertOften('reindex', trial, sum.inTheMiddle);
    if (!isSeen()) throw new Error('reindex: no kill left a half built index');
  } finally {
    await reader?.close();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  }
}
