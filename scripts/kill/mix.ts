import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allSteps, assertAllEnded, type Begun, createBeginning, unfinishedIn } from './begun-runs.ts';
import { checkDocuments } from './check-documents.ts';
import { checkIndex } from './check-index.ts';
import { writeWorkflow } from './journal.ts';
import { compareShelf, createShelving, type Shelf, settleShelf, textsIn } from './library.ts';
import { assertOften, hydrogen, inspect, kill9, pause, peek, start } from './process.ts';
import { type Book, connect, createWriting, untilKilled } from './writer.ts';
import { batchesIn, compareBook, killLater, prepareLedger, settleBook } from './writes.ts';

const rounds = 20;
const patienceMs = 60_000;
/** How often each process is killed in a trial; it begins again while the others go on. */
const lives = 2;
/** A kill falls anywhere in this time from the first acknowledged call of a process on, ms. */
const killMs = 1_000;
/** Far more values than one process takes in one life. */
const sharedPerLife = 1_000_000;

/** What one of the three was told, over all its lives. */
interface Known {
  readonly name: string;
  readonly book: Book;
  readonly shelf: Shelf;
  readonly begun: Begun;
}

interface Place {
  readonly dataDir: string;
  readonly base: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Starts a server that inserts, updates, deletes, adds documents and begins runs until it is killed. */
async function startMixed(
  { dataDir, base, settings }: Place,
  known: Known,
  shared: number,
  random: () => number,
) {
  const { name, book } = known;
  const { client, pid } = await connect(dataDir, settings);
  const write = createWriting(client, name, book, shared, random);
  const shelve = createShelving(client, name, known.shelf, join(base, 'pages'), random);
  const begin = createBeginning(client, name, known.begun, random);
  const step = (): Promise<void> => {
    const choice = random();
    return choice < 0.6 ? write() : choice < 0.9 ? shelve() : begin();
  };
  return { book, ...untilKilled(client, pid, step) };
}

/** Lets one process live and be killed some times. @returns what was acknowledged, and how often something was under way */
async function live(place: Place, known: Known, trial: number, random: () => number) {
  const sum = { acknowledged: 0, inTheMiddle: 0 };
  for (let life = 0; life < lives; life++) {
    const shared = (trial * lives + life) * sharedPerLife;
    const { book, shelf } = known;
    const before = book.pending.size + shelf.pending.size;
    const mixed = await startMixed(place, known, shared, random);
    await killLater(mixed, random, killMs);
    sum.acknowledged += mixed.count();
    if (book.pending.size + shelf.pending.size > before) sum.inTheMiddle++;
    // Nobody else writes what is its own: it can be compared although the others are at work.
    peek(place.dataDir, (db) => {
      compareBook(book, batchesIn(db));
      compareShelf(shelf, textsIn(db));
    });
  }
  return sum;
}

/** @throws Error when what is kept beside something disagrees with it, or a step that was journaled ran again */
function check(dataDir: string, all: readonly Known[], steps: Map<string, string>): string {
  return inspect(dataDir, (db) => {
    const { documents, entries } = checkDocuments(db);
    const { chunks } = checkIndex(db);
    for (const { book, shelf } of all) {
      settleBook(book, batchesIn(db));
      settleShelf(shelf, textsIn(db));
    }
    const after = allSteps(db);
    for (const [place, step] of steps)
      if (after.get(place) !== step) throw new Error(`step ${place} was journaled as done and ran again`);
    for (const [place, step] of after) steps.set(place, step);
    return `${documents} documents with ${entries} index entries and ${chunks.size} passages`;
  });
}

/** The next server ends what was left. */
async function endRuns({ dataDir, settings }: Place): Promise<void> {
  const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const server = start(dataDir, ...set, 'serve');
  try {
    for (const until = Date.now() + patienceMs; peek(dataDir, unfinishedIn) > 0; await pause(100))
      if (Date.now() > until) throw new Error(`mix: ${peek(dataDir, unfinishedIn)} runs did not end`);
  } finally {
    await kill9(server);
  }
}

/**
 * Each trial: three processes do all kinds of work on one data directory; each is killed and begins again. A run
 * that is left goes on in whichever process sees it, and at the latest in one behind the trial.
 */
export async function mixTrials(trials: number, random: () => number): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'hydrogen-kill-'));
  const dataDir = join(base, 'data');
  try {
    const pages = join(base, 'pages');
    await mkdir(pages);
    const things = await writeWorkflow(base, rounds);
    await prepareLedger(dataDir);
    hydrogen(dataDir, 'import', 'things', things);
    const settings = {
      ...{ enableWrites: 'true', confirmWrites: 'never', enableIngest: 'true', embeddingModel: 'none' },
      ...{ folders: pages, workflowFolders: join(base, 'workflows') },
    };
    const place: Place = { dataDir, base, settings };
    // Checked before: a process would be killed while it waits for that, with nothing of its own under way.
    hydrogen(dataDir, '--set', `workflowFolders=${settings.workflowFolders}`, 'workflows');
    const all = ['left', 'middle', 'right'].map((name): Known => {
      const book: Book = { acknowledged: new Map(), pending: new Map() };
      return { name, book, shelf: { acknowledged: new Map(), pending: new Map() }, begun: new Map() };
    });
    const steps = new Map<string, string>();
    const sum = { acknowledged: 0, inTheMiddle: 0 };
    let left = 0;
    for (let trial = 0; trial < trials; trial++) {
      for (const one of await Promise.all(all.map((known) => live(place, known, trial, random)))) {
        sum.acknowledged += one.acknowledged;
        sum.inTheMiddle += one.inTheMiddle;
      }
      check(dataDir, all, steps);
      left += peek(dataDir, unfinishedIn);
      await endRuns(place);
    }
    const there = check(dataDir, all, steps);
    const runs = inspect(dataDir, (db) =>
      assertAllEnded(
        db,
        all.map(({ begun }) => begun),
      ),
    );
    const kills = trials * lives * all.length;
    process.stdout.write(
      `mix: ${trials} trials of three processes, ${kills} kills (${sum.inTheMiddle} with a write under way), ${sum.acknowledged} calls acknowledged, none lost or half done; ${runs.completed} runs completed (${left} of them left by a kill, ${runs.givenUp} others given up after six kills in one step), no step repeated; at the end ${there} agree\n`,
    );
    assertOften('mix', kills, sum.inTheMiddle);
  } finally {
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  }
}
