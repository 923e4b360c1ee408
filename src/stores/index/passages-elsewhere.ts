import { setTimeout } from 'node:timers/promises';
import type { Call } from '../../call.ts';
import { throwIfCallEnded } from '../../call-end.ts';
import { HydrogenError } from '../../errors.ts';
import { inlineSource } from './inline-source.ts';
import { createPassageMarks } from './passage-marks.ts';
import type { Catalog, DocumentCatalog, DocumentRow, NewDocument, Retriever } from './types.ts';

/** How often a write is repeated since others wrote the same documents meanwhile. */
const maxAttempts = 8;
/**
 * How long the writes of others are waited for, ms, and at most which share of the call: one that was interrupted by an
 * outage looks as if it were still under way. Not waiting long enough costs a repetition.
 */
const defaultPatienceMs = 3_000;
const shareOfCall = 1 / 4;
/** The longest pause before looking or trying again, ms; a random part of it, so that two do not meet again. */
const pauseMs = 200;
/** Documents that are listed at a time. */
const batchSize = 500;

function crowded(id: string): HydrogenError {
  return new HydrogenError(
    'conflict',
    `Other processes keep writing "${id}" at the same time. Let one of them finish, and try again.`,
  );
}

async function pause(call: Call): Promise<void> {
  await setTimeout(Math.random() * pauseMs, undefined, { signal: call.signal }).catch(() => {});
  throwIfCallEnded(call);
}

async function idsOf(source: string, catalog: Catalog, call: Call): Promise<readonly string[]> {
  if (source !== inlineSource) return (await catalog.files(source, call)).map(({ id }) => id);
  const ids: string[] = [];
  for (let after: string | undefined; ; after = ids.at(-1)) {
    const { documents } = await catalog.list(
      { within: `${inlineSource}/`, limit: batchSize, ...(after !== undefined && { after }) },
      call,
    );
    ids.push(...documents.map(({ id }) => id));
    if (documents.length < batchSize) return ids;
  }
}

/**
 * A catalog of documents whose passages are in a retriever of another store. Both are written to before a call is
 * answered.
 *
 * A document is recorded first, with a format that says that its passages are being written; once they are, the format
 * that says where they are takes its place, unless the document was written by another process meanwhile: then what
 * was done is repeated until nobody interferes, so that in the end the passages are those of the document. A document
 * that is to be removed is marked in the same way, until its passages have been removed. Where that is interrupted (the
 * process ends, a server is away), the mark stays. Repeating the call completes it; so does the next ingest of the same
 * files, since a marked document is of another format for whoever asks; and `unfinished` finds all of them.
 *
 * One case is left: a process that ends just when it and another one write the same document, between its last write to
 * the retriever and its next look at the catalog, may leave its passages with the other's document.
 *
 * A document that was recorded when its passages were somewhere else is of another format, too, here or there, and is
 * therefore read again.
 * @param place names the retriever's passages, for all processes that share the catalog
 * @param patienceMs how long a write waits for those of others to the same documents
 */
export function withPassagesIn(
  retriever: Retriever,
  place: string,
  catalog: DocumentCatalog,
  patienceMs = defaultPatienceMs,
): Catalog {
  const marks = createPassageMarks(place);

  /** Waits while others write the same documents: two that take turns need not repeat anything. */
  async function whenQuiet(ids: readonly string[], call: Call): Promise<void> {
    const longest = Math.min(patienceMs, (call.deadline - Date.now()) * shareOfCall);
    for (const until = Date.now() + longest; Date.now() < until; await pause(call)) {
      const recorded = new Set((await catalog.formatsOf(ids, call)).values());
      if (![...recorded].some((format) => marks.read(format).mark?.isAbandoned === false)) return;
    }
  }

  /**
   * Does work for documents, and again for those that others wrote meanwhile.
   * @param work returns the ids of those that it was done for
   */
  async function untilDone(
    ids: readonly string[],
    work: (ids: ReadonlySet<string>, attempt: number) => Promise<readonly string[]>,
    call: Call,
  ): Promise<void> {
    const left = new Set(ids);
    for (let attempt = 1; ; attempt++) {
      await whenQuiet([...left], call);
      for (const id of await work(left, attempt)) left.delete(id);
      const [first] = left;
      if (first === undefined) return;
      if (attempt === maxAttempts) throw crowded(first);
      await pause(call);
    }
  }

  async function upsert(documents: readonly NewDocument[], call: Call): Promise<void> {
    const byId = new Map(documents.map((document) => [document.id, document]));
    const write = (ids: ReadonlySet<string>, attempt: number): Promise<readonly string[]> =>
      marks.during(async (mark) => {
        const some = [...byId.values()].filter(({ id }) => ids.has(id));
        const marked = some.map((document) => ({
          ...document,
          format: marks.writing(document.format, mark),
        }));
        try {
          await catalog.upsert(marked, call);
        } catch (error) {
          if (attempt > 1) await leave([...ids], call);
          throw error;
        }
        await retriever.upsert(some, call);
        const settled = [...new Set(some.map(({ format }) => format))].map((format) =>
          catalog.mark(
            some.filter((document) => document.format === format).map(({ id }) => id),
            { from: marks.writing(format, mark), to: marks.settled(format) },
            call,
          ),
        );
        return (await Promise.all(settled)).flat();
      });
    if (byId.size > 0) await untilDone([...byId.keys()], write, call);
  }

  /** Documents that cannot be recorded again, since their source was removed: what was written of them goes, too. */
  async function leave(ids: readonly string[], call: Call): Promise<void> {
    const recorded = new Set(await catalog.mark(ids, { to: marks.lost }, call));
    await retriever.remove(
      ids.filter((id) => !recorded.has(id)),
      call,
    );
  }

  /** Removes documents of which each has the mark, with their passages. */
  async function removeMarked(
    ids: readonly string[],
    format: string,
    call: Call,
  ): Promise<readonly DocumentRow[]> {
    if (ids.length === 0) return [];
    await retriever.remove(ids, call);
    return catalog.removeMarked(ids, format, call);
  }

  async function remove(ids: readonly string[], call: Call): Promise<readonly DocumentRow[]> {
    const removed: DocumentRow[] = [];
    const removeSome = (some: ReadonlySet<string>): Promise<readonly string[]> =>
      marks.during(async (mark) => {
        const format = marks.removing(mark);
        const marked = new Set(await catalog.mark([...some], { to: format }, call));
        const rows = await removeMarked([...marked], format, call);
        removed.push(...rows);
        // One that was not there is done with, one that was written meanwhile is not.
        return [...some].filter((id) => !marked.has(id) || rows.some((row) => row.id === id));
      });
    if (ids.length > 0) await untilDone(ids, removeSome, call);
    return removed;
  }

  /** Completes an abandoned removal; the ids of documents that others were writing meanwhile. */
  function completeRemoval(abandoned: string, call: Call): Promise<readonly string[]> {
    return marks.during(async (mark) => {
      const format = marks.removing(mark);
      const ids = await catalog.marked(abandoned, call);
      const taken = await catalog.mark(ids, { from: abandoned, to: format }, call);
      const removed = new Set((await removeMarked(taken, format, call)).map(({ id }) => id));
      const others = taken.filter((id) => !removed.has(id));
      // Theirs may be the passages that have just been removed.
      return others.length === 0 ? [] : catalog.mark(others, { to: marks.lost }, call);
    });
  }

  return {
    ...catalog,
    upsert,
    remove,
    async forget(id, call) {
      await catalog.untrack(id, call);
      return (await remove([id], call))[0];
    },
    removeSource: (name, call) =>
      marks.during(async (mark) => {
        await catalog.mark(await idsOf(name, catalog, call), { to: marks.removing(mark) }, call);
        await retriever.removeSource(name, call);
        const removed = await catalog.removeSource(name, call);
        // Those of documents that others wrote meanwhile: from now on, nobody can.
        await retriever.removeSource(name, call);
        return removed;
      }),
    async touch(files, call) {
      await retriever.touch(files, call);
      await catalog.touch(files, call);
    },
    async files(source, call) {
      const files = await catalog.files(source, call);
      return files.map((file) => ({ ...file, format: marks.read(file.format).format }));
    },
    async formats(call) {
      const counts: Record<string, number> = {};
      for (const [recorded, count] of Object.entries(await catalog.formats(call))) {
        const { format, mark } = marks.read(recorded);
        // What another call is about to complete is nothing to read again.
        const isUnderWay = mark !== undefined && !mark.isAbandoned;
        if (isUnderWay && mark.kind === 'removing') continue;
        const shown = isUnderWay ? mark.format : format;
        counts[shown] = (counts[shown] ?? 0) + count;
      }
      return counts;
    },
    async unfinished(call) {
      const ids: string[] = [...(await catalog.unfinished(call))];
      for (const recorded of Object.keys(await catalog.formats(call))) {
        const { mark } = marks.read(recorded);
        if (!mark?.isAbandoned) continue;
        const found =
          mark.kind === 'writing' ? catalog.marked(recorded, call) : completeRemoval(recorded, call);
        ids.push(...(await found));
      }
      return ids;
    },
  };
}
