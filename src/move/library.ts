import type { Call } from '../call.ts';
import { throwIfCallEnded } from '../call-end.ts';
import { HydrogenError } from '../errors.ts';
import { contentOf, indexedText } from '../stores/index/indexed-text.ts';
import type { ArchivedChunk, ArchivedDocument, LibraryArchive } from '../stores/index/types.ts';
import { createTally, digestOfDocument } from './digest.ts';
import { inBatches, type LibraryPlan } from './library-plan.ts';
import type { Checked, LibrarySide, MoveOptions, Way } from './sides.ts';

type Documents = ReadonlyMap<string, ArchivedDocument>;

async function documentsOf(archive: LibraryArchive, ids: readonly string[], call: Call): Promise<Documents> {
  if (ids.length === 0) return new Map();
  const found = await archive.documents(ids, call);
  return new Map(found.map((document) => [document.id, document]));
}

/** What is copied must be whole, or half of it would be taken for all. */
function assertWhole({ id, chunks, recorded }: ArchivedDocument, name: string): void {
  if (chunks.length === recorded) return;
  throw new HydrogenError(
    'conflict',
    `"${id}" has ${chunks.length} of its ${recorded} passages in ${name}. Let \`hydrogen ingest\` read it again with the settings for ${name}, and move again.`,
  );
}

const contentOfChunk = ({ title }: ArchivedDocument, { heading, text }: ArchivedChunk): string =>
  Buffer.from(contentOf(indexedText(title, heading, text))).toString('hex');

const hasVector = ({ vector }: ArchivedChunk): boolean => vector !== undefined;

/** Copies a batch: what is there already, with all its vectors, is left as it is. */
async function copyBatch(
  { from, to, names }: Way<LibrarySide>,
  ids: readonly string[],
  there: ReadonlySet<string>,
  takesVectors: boolean,
  call: Call,
): Promise<void> {
  const [ours, theirs] = await Promise.all([
    documentsOf(from.archive, ids, call),
    documentsOf(
      to.archive,
      ids.filter((id) => there.has(id)),
      call,
    ),
  ]);
  for (const document of ours.values()) assertWhole(document, names.from);
  const isThere = (document: ArchivedDocument): boolean => {
    const other = theirs.get(document.id);
    return other !== undefined && digestOfDocument(other) === digestOfDocument(document);
  };
  const missing = [...ours.values()].filter((document) => !isThere(document));
  if (missing.length > 0) await to.catalog.upsert(missing.map(withoutVectors), call);
  if (!takesVectors) return;
  const isMissing = new Set(missing);
  const vectors = new Map<string, Float32Array>();
  for (const document of ours.values()) {
    if (!isMissing.has(document) && theirs.get(document.id)?.chunks.every(hasVector)) continue;
    for (const chunk of document.chunks)
      if (chunk.vector) vectors.set(contentOfChunk(document, chunk), chunk.vector);
  }
  if (vectors.size === 0) return;
  await to.archive.saveVectors(
    [...vectors].map(([content, vector]) => ({ content, vector })),
    call,
  );
}

/** Vectors go their own way, and are large. */
const withoutVectors = ({ chunks, ...document }: ArchivedDocument): ArchivedDocument => ({
  ...document,
  chunks: chunks.map(({ vector: _, ...chunk }) => chunk),
});

async function positionsOf({ catalog, positions }: LibrarySide, call: Call): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for (const { name } of await catalog.sources(call)) {
    const position = await positions.read(name, call);
    if (position !== undefined) found.push([name, position]);
  }
  return found;
}

async function copySources({ from, to }: Way<LibrarySide>, call: Call): Promise<void> {
  for (const { name, root } of await from.catalog.sources(call)) await to.catalog.source(root, name, call);
}

/** After the documents: a folder that is tracked without its documents would be read again. */
async function copyTracked({ from, to }: Way<LibrarySide>, call: Call): Promise<void> {
  const tracked = await from.catalog.trackedPaths(call);
  if (tracked.length > 0) await to.catalog.trackPaths(tracked, call);
  for (const [name, position] of await positionsOf(from, call)) await to.positions.save(name, position, call);
}

/** How many of these a target has, and which it lacks. */
function countSame<T>(
  what: string,
  ours: readonly T[],
  theirs: readonly T[],
  nameOf: (one: T) => string,
): Checked {
  const there = new Set(theirs.map((one) => JSON.stringify(one)));
  const lacking = ours.filter((one) => !there.has(JSON.stringify(one)));
  return {
    compared: [{ what, from: { count: ours.length }, to: { count: ours.length - lacking.length } }],
    differences: lacking.map((one) => `${what} ${nameOf(one)}`),
  };
}

async function checkSources({ from, to }: Way<LibrarySide>, call: Call): Promise<Checked[]> {
  const [sources, theirSources] = [await from.catalog.sources(call), await to.catalog.sources(call)];
  const [tracked, theirTracked] = [
    await from.catalog.trackedPaths(call),
    await to.catalog.trackedPaths(call),
  ];
  const [positions, theirPositions] = [await positionsOf(from, call), await positionsOf(to, call)];
  return [
    countSame('sources', sources, theirSources, ({ name }) => `"${name}"`),
    countSame('tracked paths', tracked, theirTracked, ({ path }) => `"${path}"`),
    countSame('positions', positions, theirPositions, ([name]) => `of "${name}"`),
  ];
}

/** Reads all of both sides once more. */
async function checkDocuments(
  { from, to }: Way<LibrarySide>,
  batches: readonly (readonly string[])[],
  takesVectors: boolean,
  { step }: MoveOptions,
  call: Call,
): Promise<Checked> {
  const [ours, theirs] = [createTally(), createTally()];
  const vectors = { from: 0, to: 0 };
  const passages = { from: 0, to: 0 };
  const differences: string[] = [];
  for (const ids of batches) {
    throwIfCallEnded(call);
    const [here, there] = await Promise.all([
      documentsOf(from.archive, ids, call),
      documentsOf(to.archive, ids, call),
    ]);
    for (const id of ids) {
      const [one, other] = [here.get(id), there.get(id)];
      if (one) ours.add(digestOfDocument(one));
      if (other) theirs.add(digestOfDocument(other));
      if (!one || !other || digestOfDocument(one) !== digestOfDocument(other))
        differences.push(`document "${id}"`);
      passages.from += one?.chunks.length ?? 0;
      passages.to += other?.chunks.length ?? 0;
      vectors.from += one?.chunks.filter(hasVector).length ?? 0;
      vectors.to += other?.chunks.filter(hasVector).length ?? 0;
    }
    step('comparing documents', ids.length);
  }
  // There may be more: the target's own, of the same model.
  if (takesVectors && vectors.to < vectors.from)
    differences.push(`vectors of ${vectors.from - vectors.to} passages`);
  return {
    compared: [
      { what: 'documents', from: ours.result(), to: theirs.result() },
      { what: 'passages', from: { count: passages.from }, to: { count: passages.to } },
      { what: 'vectors', from: { count: vectors.from }, to: { count: vectors.to } },
    ],
    differences,
  };
}

export interface MovedLibrary extends Checked {
  /** False where the target has vectors of another model: those that are missing are made there. */
  readonly takesVectors: boolean;
}

/** Copies a library and compares both. What an interrupted copy has left is continued. */
export async function moveLibrary(
  way: Way<LibrarySide>,
  { rows, there }: LibraryPlan,
  options: MoveOptions,
  call: Call,
): Promise<MovedLibrary> {
  const batches = inBatches(rows);
  await copySources(way, call);
  const space = await way.from.archive.space(call);
  const takesVectors = space === undefined || (await way.to.archive.adopt(space, call));
  for (const ids of batches) {
    throwIfCallEnded(call);
    await copyBatch(way, ids, there, space !== undefined && takesVectors, call);
    options.step('copying documents', ids.length);
  }
  await way.to.archive.settle(call);
  await copyTracked(way, call);
  const checked = [
    await checkDocuments(way, batches, takesVectors, options, call),
    ...(await checkSources(way, call)),
    await checkSame(way, rows.length, call),
  ];
  return {
    takesVectors,
    compared: checked.flatMap(({ compared }) => compared),
    differences: checked.flatMap(({ differences }) => differences),
  };
}

/** A server that was not stopped may have added to the source meanwhile. */
async function checkSame({ from, names }: Way<LibrarySide>, documents: number, call: Call): Promise<Checked> {
  const { total } = await from.catalog.list({ limit: 1 }, call);
  return {
    compared: [],
    differences:
      total === documents
        ? []
        : [`the number of documents in ${names.from}, which has changed meanwhile (stop the servers)`],
  };
}
