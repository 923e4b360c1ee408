import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import type { FileRecord, NewDocument, SearchIndex, Source } from '../stores/index/types.ts';
import { documentFormat } from './format.ts';
import { documentType } from './loaders/types.ts';
import { createParser, type Parser } from './parser.ts';
import { below, locate, openPlace, type Place, pathOf, sourcesFor } from './places.ts';
import type { IngestReport, Skipped } from './types.ts';
import { refusal, walk } from './walk.ts';

/** What became of the files, before their vectors are made. */
export type FilesReport = Omit<IngestReport, 'embedded' | 'pending' | 'notes'>;

interface Candidate {
  readonly id: string;
  readonly file: string;
  readonly source: string;
  readonly path: string;
  readonly modified: number;
  readonly size: number;
}

/** A write takes documents until one of these is reached. */
const batchChunks = 500;
const batchBytes = 2_000_000;
/** A file that changed this short a time ago, in ms, may change again without a new time. */
const restlessMs = 2_000;

function check(call: Call): void {
  if (call.signal.aborted) throw new HydrogenError('cancelled', 'The call was cancelled.');
  if (Date.now() > call.deadline) {
    throw new HydrogenError(
      'timeout',
      'The call took longer than its time limit. Repeat it: what was read stays.',
    );
  }
}

/** What the index knows of the files of some sources, by id. */
async function registered(
  sources: Iterable<Source>,
  index: SearchIndex,
  call: Call,
): Promise<Map<string, FileRecord & { readonly file: string }>> {
  const records = new Map<string, FileRecord & { readonly file: string }>();
  for (const source of sources) {
    for (const record of await index.files(source.name, call)) {
      records.set(record.id, { ...record, file: pathOf(source, record.path) });
    }
  }
  return records;
}

/** The files of a place, and what of it is not read. */
async function survey(
  place: Place,
  sources: readonly Source[],
  call: Call,
): Promise<{ files: Candidate[]; skipped: Skipped[]; kept: string[] }> {
  const files: Candidate[] = [];
  const skipped: Skipped[] = [];
  /** Absolute paths below which nothing is known to have gone. */
  const kept: string[] = [];
  const idOf = (file: string): { id: string; source: string; path: string } => {
    const location = locate(sources, file);
    const { name } = location?.source ?? { name: '' };
    return { id: `${name}/${location?.path ?? ''}`, source: name, path: location?.path ?? '' };
  };
  const add = (file: string, { mtimeMs, size }: { mtimeMs: number; size: number }): void => {
    files.push({ ...idOf(file), file, modified: mtimeMs, size });
  };
  if (!place.stat.isDirectory()) {
    const reason = refusal(place.path, place.stat);
    if (reason === undefined) add(place.path, place.stat);
    else skipped.push({ path: idOf(place.path).id, reason });
    return { files, skipped, kept };
  }
  for await (const found of walk(place.path, () => check(call))) {
    const file = found.path === '' ? place.path : pathOf({ name: '', root: place.path }, found.path);
    if (found.kind === 'file') {
      add(file, found.stat);
      continue;
    }
    if (found.kind === 'unreadable') kept.push(file);
    skipped.push({ path: idOf(file).id, reason: found.reason });
  }
  return { files, skipped, kept };
}

/** Reads what has changed of the files into the index, batch by batch. */
async function readFiles(
  files: readonly Candidate[],
  known: ReadonlyMap<string, FileRecord>,
  { index, parser, maxFileBytes }: { index: SearchIndex; parser: Parser; maxFileBytes: number },
  call: Call,
): Promise<{
  added: number;
  changed: number;
  unchanged: number;
  skipped: Skipped[];
  gone: string[];
  kept: string[];
}> {
  const report = { added: 0, changed: 0, unchanged: 0 };
  const skipped: Skipped[] = [];
  const gone: string[] = [];
  const kept: string[] = [];
  const touched: { id: string; modified: number }[] = [];
  let batch: NewDocument[] = [];
  let writing: Promise<void> = Promise.resolve();

  /** The next files are parsed while a batch is written. */
  const write = async (): Promise<void> => {
    await writing;
    if (batch.length === 0) return;
    writing = index.upsert(batch, call);
    // It is awaited before the next write and at the end.
    writing.catch(() => {});
    batch = [];
  };

  for (const [done, candidate] of files.entries()) {
    check(call);
    call.progress({ done, total: files.length, message: `file ${done + 1} of ${files.length}` });
    const { id, file, source, path, modified, size } = candidate;
    const record = known.get(id);
    const sameFormat = record?.format === documentFormat;
    if (record && sameFormat && record.modified === modified && record.size === size) {
      report.unchanged++;
      continue;
    }
    const reply = await parser.parse(
      {
        id,
        name: path.slice(path.lastIndexOf('/') + 1),
        type: documentType(path) ?? 'text',
        content: { file, maxBytes: maxFileBytes },
        ...(record && sameFormat && { hash: record.hash }),
      },
      call,
    );
    const trusted = Date.now() - modified > restlessMs ? modified : 0;
    if ('unchanged' in reply) {
      report.unchanged++;
      if (record?.modified !== trusted) touched.push({ id, modified: trusted });
    } else if ('skipped' in reply) {
      skipped.push({ path: id, reason: reply.skipped });
      if (reply.keep) kept.push(file);
      else if (record) gone.push(id);
    } else {
      batch.push({ ...reply.document, origin: { source, path, modified: trusted, size } });
      report[record ? 'changed' : 'added']++;
      const bytes = batch.reduce((sum, { text }) => sum + text.length, 0);
      const chunks = batch.reduce((sum, document) => sum + document.chunks.length, 0);
      if (chunks >= batchChunks || bytes >= batchBytes) await write();
    }
  }
  await write();
  await writing;
  if (touched.length > 0) await index.touch(touched, call);
  call.progress({ done: files.length, total: files.length, message: `${files.length} files` });
  return { ...report, skipped, gone, kept };
}

/**
 * Reads files and folders into the index and takes out what has gone from the folders.
 * @throws HydrogenError `not_found` for a path that is not there, before anything is read.
 */
export async function ingestFiles(
  paths: readonly string[],
  { index, maxFileBytes }: { index: SearchIndex; maxFileBytes: number },
  call: Call,
): Promise<FilesReport> {
  const places = await Promise.all(paths.map(openPlace));
  let sources: readonly Source[] = [];
  for (const place of places) sources = await sourcesFor(place, index, call);
  const files = new Map<string, Candidate>();
  const skipped: Skipped[] = [];
  const kept: string[] = [];
  for (const place of places) {
    const found = await survey(place, sources, call);
    for (const file of found.files) files.set(file.id, file);
    skipped.push(...found.skipped);
    kept.push(...found.kept);
  }
  const known = await registered(sources, index, call);
  const parser = createParser();
  try {
    const read = await readFiles([...files.values()], known, { index, parser, maxFileBytes }, call);
    kept.push(...read.kept);
    const gone = new Set(read.gone);
    for (const { id, file } of known.values()) {
      if (files.has(id) || !places.some(({ path, stat }) => stat.isDirectory() && below(path, file)))
        continue;
      if (!kept.some((path) => below(path, file) !== undefined)) gone.add(id);
    }
    const removed = gone.size > 0 ? await index.remove([...gone], call) : [];
    const { chunks } = await index.stats(call);
    const { added, changed, unchanged } = read;
    return {
      added,
      changed,
      unchanged,
      removed: removed.length,
      chunks,
      skipped: [...skipped, ...read.skipped],
    };
  } finally {
    await parser.close();
  }
}
