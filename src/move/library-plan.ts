import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import type { Catalog, DocumentRow } from '../stores/index/types.ts';
import type { LibrarySide, PlanOptions, Way } from './sides.ts';

const pageSize = 1_000;
/** Of a batch: so many documents, or so many bytes of their text. */
const documentsAtATime = 50;
const bytesAtATime = 4_000_000;

type Row = Pick<DocumentRow, 'id' | 'bytes' | 'indexedAt' | 'title'>;

/** All documents in order of id, with what tells whether they are worth a closer look. */
async function rowsOf(catalog: Catalog, call: Call): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const after = rows.at(-1)?.id;
    const page = await catalog.list({ limit: pageSize, ...(after !== undefined && { after }) }, call);
    rows.push(...page.documents.map(({ id, bytes, indexedAt, title }) => ({ id, bytes, indexedAt, title })));
    if (page.documents.length < pageSize) return rows;
  }
}

/** Documents that are copied or compared at a time. */
export function inBatches(rows: readonly Row[]): string[][] {
  const batches: string[][] = [];
  let bytes = bytesAtATime;
  for (const row of rows) {
    const last = batches.at(-1);
    if (!last || bytes + row.bytes > bytesAtATime || last.length >= documentsAtATime) {
      batches.push([row.id]);
      bytes = row.bytes;
    } else {
      last.push(row.id);
      bytes += row.bytes;
    }
  }
  return batches;
}

function holdsOthers(what: string, { from, to }: Way<unknown>['names']): HydrogenError {
  return new HydrogenError(
    'conflict',
    `There is already something else in ${to}: ${what}. Nothing was copied. Move to an empty place, or use --merge: what only ${to} has then stays, and what both have becomes as it is in ${from}.`,
  );
}

/** @throws HydrogenError `conflict` where the target's documents are not a part of the source's */
function assertNoOthers(from: readonly Row[], to: readonly Row[], names: Way<unknown>['names']): void {
  const known = new Map(from.map((row) => [row.id, row]));
  const others = to.filter(({ id }) => !known.has(id));
  const [other] = others;
  if (other) {
    const more = others.length > 1 ? ` and ${others.length - 1} more documents` : '';
    throw holdsOthers(`the document "${other.id}"${more}, which ${names.from} does not have`, names);
  }
  const changed = to.find(({ id, indexedAt }) => known.get(id)?.indexedAt !== indexedAt);
  if (changed)
    throw holdsOthers(
      `the document "${changed.id}", which was read at another time than in ${names.from}`,
      names,
    );
}

/** @throws HydrogenError `conflict` where a source would get another name or folder */
async function assertSources(
  { from, to, names }: Way<LibrarySide>,
  merge: boolean,
  call: Call,
): Promise<void> {
  const [ours, theirs] = await Promise.all([from.catalog.sources(call), to.catalog.sources(call)]);
  for (const { name, root } of ours) {
    const other = theirs.find((one) => (one.name === name) !== (one.root === root));
    if (!other) continue;
    throw new HydrogenError(
      'conflict',
      `The source "${name}" cannot be copied: in ${names.to} there is "${other.name}", with ${other.root === root ? 'the same folder' : 'another folder'}. Remove that there first (\`hydrogen remove ${other.name}/\`). Nothing was copied.`,
    );
  }
  const other = theirs.find(({ name }) => !ours.some((one) => one.name === name));
  if (other && !merge)
    throw holdsOthers(`the source "${other.name}", which ${names.from} does not have`, names);
}

/** Documents whose writing somebody left, or is at; those at the target are completed or written anew. */
async function assertFinished({ from, to, names }: Way<LibrarySide>, call: Call): Promise<void> {
  const [id] = await from.catalog.unfinished(call);
  await to.catalog.unfinished(call);
  if (id === undefined) return;
  throw new HydrogenError(
    'conflict',
    `The writing of "${id}" in ${names.from} was interrupted. Start a server on it, or run \`hydrogen ingest\`, so that it is read again; then stop it, and move again.`,
  );
}

export interface LibraryPlan {
  /** The documents to copy, in order of id. */
  readonly rows: readonly Row[];
  /** The ids of all that the target has. */
  readonly there: ReadonlySet<string>;
}

/**
 * Looks at both sides before anything is copied.
 * @throws HydrogenError `conflict` where the target holds something else, or the source is not whole
 */
export async function planLibrary(
  way: Way<LibrarySide>,
  { merge }: PlanOptions,
  call: Call,
): Promise<LibraryPlan> {
  await assertFinished(way, call);
  await assertSources(way, merge, call);
  const [rows, theirs] = await Promise.all([rowsOf(way.from.catalog, call), rowsOf(way.to.catalog, call)]);
  if (!merge) assertNoOthers(rows, theirs, way.names);
  return { rows, there: new Set(theirs.map(({ id }) => id)) };
}
