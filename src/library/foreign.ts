import { type Call, within } from '../call.ts';
import type { Embedder } from '../embeddings/types.ts';
import { badInput, HydrogenError } from '../errors.ts';
import type { ForeignPassages, ForeignPoint } from '../stores/index/foreign-passages.ts';
import type { DocumentEntry, DocumentText, ElsewhereSummary, Library } from './types.ts';

/** A collection that others fill, with the model that made its vectors. */
export interface ForeignCollection {
  readonly passages: ForeignPassages;
  readonly embedder: Embedder;
  /** Put before a question instead of the model's own prefix. */
  readonly queryPrefix?: string;
}

/** The collection whose documents have ids like this. */
export function foreignOf(
  collections: readonly ForeignCollection[],
  id: string,
): ForeignPassages | undefined {
  return collections.find(({ passages }) => id.startsWith(`${passages.name}/`))?.passages;
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.split('\n'));

function entryOf({ document, title, text, metadata }: ForeignPoint): DocumentEntry {
  const lines = linesOf(text).length;
  return { id: document, title, type: 'text', bytes: Buffer.byteLength(text), lines, chunks: 1, metadata };
}

function withoutPoint(id: string, { name }: ForeignPassages): HydrogenError {
  const sentence = `There is no document "${id}": ids of "${name}", a Qdrant collection that others fill, end with that of a point. \`search\` and list_documents within "${name}/" show them.`;
  return new HydrogenError('not_found', sentence);
}

/** As `Library.get`. */
export async function readPoint(
  id: string,
  { from = 1, to: last = Number.POSITIVE_INFINITY, page, maxBytes }: Parameters<Library['get']>[1],
  passages: ForeignPassages,
  call: Call,
): Promise<DocumentText> {
  const point = await passages.read(id, call);
  if (!point) throw withoutPoint(id, passages);
  if (page !== undefined) throw badInput(`"${id}" has no pages: read it by line.`);
  const lines = linesOf(point.text);
  const total = lines.length;
  if (from > Math.max(1, total)) throw badInput(`"${id}" has ${total} lines; line ${from} is past the end.`);
  let to = from - 1;
  for (let bytes = 0; to < Math.min(last, total); to++) {
    bytes += Buffer.byteLength(lines[to] ?? '') + 1;
    if (bytes - 1 > maxBytes && to >= from) break;
  }
  return { entry: entryOf(point), text: lines.slice(from - 1, to).join('\n'), from, to, total };
}

/** As `Library.list`, of one collection and in the order of its server. */
export async function listPoints(
  { within: inside = '', after, limit }: Parameters<Library['list']>[0],
  passages: ForeignPassages,
  call: Call,
): ReturnType<Library['list']> {
  if (inside !== `${passages.name}/`) {
    throw new HydrogenError(
      'not_supported',
      `The documents of "${passages.name}", a Qdrant collection that others fill, can be listed as a whole only: within "${passages.name}/".`,
    );
  }
  const { points, total, more } = await passages.list({ limit, ...(after !== undefined && { after }) }, call);
  return { documents: points.map(entryOf), total, more };
}

/** As `Library.similar`, within the same collection: vectors of others cannot be compared. */
export async function similarPoints(
  id: string,
  limit: number,
  passages: ForeignPassages,
  call: Call,
): ReturnType<Library['similar']> {
  const [found, { isCosine }] = await Promise.all([passages.similar(id, limit, call), passages.space(call)]);
  if (!found) throw withoutPoint(id, passages);
  return found.map(({ document, title, text, score }) => ({
    document,
    title,
    ...(isCosine && { similarity: score }),
    heading: [],
    lines: [1, Math.max(1, linesOf(text).length)],
  }));
}

/** How long a server may take to count its points, ms. */
const countMs = 3_000;

/** Refuses a change of what others fill. */
export function refuseChange({ name }: ForeignPassages): never {
  throw new HydrogenError(
    'not_allowed',
    `"${name}" is a Qdrant collection that others fill (setting qdrantCollections): it is searched, and never changed here.`,
  );
}

export function summariesOf(
  collections: readonly ForeignCollection[],
  call: Call,
): Promise<ElsewhereSummary[]> {
  return Promise.all(
    collections.map(async ({ passages, embedder }): Promise<ElsewhereSummary> => {
      const known = { name: passages.name, model: embedder.name };
      try {
        return { ...known, points: await passages.count(within(call, countMs)) };
      } catch (error) {
        if (!(error instanceof HydrogenError) || error.code === 'cancelled') throw error;
        const problem = error.code === 'timeout' ? 'Its server did not answer in time.' : error.message;
        return { ...known, problem };
      }
    }),
  );
}
