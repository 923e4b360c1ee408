import type { Call } from '../../../call.ts';
import { throwIfCallEnded } from '../../../call-end.ts';
import { remarksOf } from '../../../stores/index/remarks.ts';
import type { Catalog, FileRecord, NewDocument } from '../../../stores/index/types.ts';
import { documentFormat } from '../../reading/chunk.ts';
import { documentType } from '../../reading/formats.ts';
import type { ParseReply } from '../../reading/parse-messages.ts';
import type { Parser } from '../../reading/parser.ts';
import type { Skipped } from '../../types.ts';
import type { IngestProgress } from '../ingest-progress.ts';
import type { FileCandidate } from './survey.ts';

export interface ReadReport {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly chunks: number;
  readonly skipped: readonly Skipped[];
  /** Ids of documents without any text. */
  readonly empty: readonly string[];
  /** Findings about files that were read. */
  readonly remarks: readonly Skipped[];
  /** Ids of documents whose files can no longer be indexed. */
  readonly obsolete: readonly string[];
  /** Files that could not be read this time. */
  readonly unreadable: readonly string[];
}

/** A batch is written when one of these limits is reached. */
const batchDocuments = 500;
const batchChunks = 500;
const batchCharacters = 2_000_000;
/** A file that changed this recently, in ms, may change again within the resolution of its timestamp. */
const unstableMs = 2_000;

/** Collects documents and writes them in batches while the next ones are being parsed. */
function createWriter(catalog: Catalog, call: Call) {
  let batch: NewDocument[] = [];
  let chunks = 0;
  let characters = 0;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    await writing;
    if (batch.length === 0) return;
    writing = catalog.upsert(batch, call);
    // A failure surfaces at the next await.
    writing.catch(() => {});
    [batch, chunks, characters] = [[], 0, 0];
  }

  return {
    async add(document: NewDocument): Promise<void> {
      batch.push(document);
      chunks += document.chunks.length;
      characters += document.text.length;
      if (batch.length >= batchDocuments || chunks >= batchChunks || characters >= batchCharacters) {
        await write();
      }
    },
    async finish(): Promise<void> {
      await write();
      await writing;
    },
  };
}

function parse(
  { id, file, path, seen }: FileCandidate,
  record: FileRecord | undefined,
  { parser, maxFileBytes }: { parser: Parser; maxFileBytes: number },
  call: Call,
): Promise<ParseReply> {
  const type = documentType(path);
  const request = {
    id,
    name: path.slice(path.lastIndexOf('/') + 1),
    ...(type && { type }),
    content: { file, maxBytes: maxFileBytes, seen },
    // A document read by another version is parsed even if its file is unchanged.
    ...(record?.format === documentFormat && { hash: record.hash }),
  };
  return parser.parse(request, call);
}

const isSame = (record: FileRecord, modified: number, size: number): boolean =>
  record.modified === modified && record.size === size;

function isAsRegistered({ modified, size }: FileCandidate, record: FileRecord | undefined): boolean {
  return record?.format === documentFormat && isSame(record, modified, size);
}

/** Negative for a timestamp that is too recent to trust: such a file counts as changed next time. */
function timeToRegister({ modified }: FileCandidate): number {
  return Date.now() - modified <= unstableMs ? -modified : modified;
}

/**
 * Reads changed files into the index, in atomic batches. Files with the registered time and size are not opened, and
 * those with the registered hash are not parsed.
 */
export async function readFiles(
  files: readonly FileCandidate[],
  known: ReadonlyMap<string, FileRecord>,
  parts: {
    readonly catalog: Catalog;
    readonly parser: Parser;
    readonly maxFileBytes: number;
    readonly progress: IngestProgress;
  },
  call: Call,
): Promise<ReadReport> {
  const counts = { added: 0, changed: 0, unchanged: 0, chunks: 0 };
  const skipped: Skipped[] = [];
  const remarks: Skipped[] = [];
  const empty: string[] = [];
  const obsolete: string[] = [];
  const unreadable: string[] = [];
  const touched: Pick<FileRecord, 'id' | 'modified' | 'size'>[] = [];
  const writer = createWriter(parts.catalog, call);

  function skip(
    reply: Extract<ParseReply, { skipped: string }>,
    { id, file }: FileCandidate,
    isKnown: boolean,
  ) {
    skipped.push({ path: id, reason: reply.skipped });
    if (reply.keep) unreadable.push(file);
    else if (isKnown) obsolete.push(id);
  }

  async function take(reply: ParseReply, candidate: FileCandidate, record?: FileRecord): Promise<void> {
    const { id, source, path, size } = candidate;
    const modified = timeToRegister(candidate);
    if ('unchanged' in reply) {
      counts.unchanged++;
      // A file that changed while being read was registered with its earlier size.
      if (!record || !isSame(record, modified, size)) touched.push({ id, modified, size });
    } else if ('skipped' in reply) {
      skip(reply, candidate, record !== undefined);
    } else {
      counts[record ? 'changed' : 'added']++;
      counts.chunks += reply.document.chunks.length;
      if (reply.document.text.trim() === '') empty.push(id);
      remarks.push(...remarksOf(reply.document).map((reason) => ({ path: id, reason })));
      await writer.add({ ...reply.document, origin: { source, path, modified, size } });
    }
  }

  const { progress } = parts;
  const isToRead = (candidate: FileCandidate): boolean => !isAsRegistered(candidate, known.get(candidate.id));
  const bytesToRead = (candidate: FileCandidate): number => (isToRead(candidate) ? candidate.size : 0);
  progress.begin(
    files.length,
    files.reduce((sum, candidate) => sum + bytesToRead(candidate), 0),
  );
  for (const candidate of files) {
    throwIfCallEnded(call);
    progress.reading(candidate.path);
    const before = counts.chunks;
    if (isToRead(candidate)) {
      const record = known.get(candidate.id);
      await take(await parse(candidate, record, parts, call), candidate, record);
    } else counts.unchanged++;
    progress.read(bytesToRead(candidate), counts.chunks - before);
  }
  await writer.finish();
  if (touched.length > 0) await parts.catalog.touch(touched, call);
  return { ...counts, skipped, empty, remarks, obsolete, unreadable };
}
