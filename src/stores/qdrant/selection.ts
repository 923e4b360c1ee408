import type { Call } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import { type Document, fromExtendedJson, stringifyExactJson } from '../../mql/index.ts';
import { factsFilter, factsOf, metadataOf } from '../index/facts.ts';
import { inlineSource } from '../index/inline-source.ts';
import type { NewDocument, Selection } from '../index/types.ts';
import type { Collection } from './collection.ts';
import { indexOfFacts } from './facts-index.ts';
import { translate } from './filter.ts';
import {
  anyOf,
  type DocumentPayload,
  type DocumentPoint,
  isDocument,
  type PointCondition,
} from './points.ts';

/** Of documents whose facts are compared here; the ids of more would make a search slow. */
const maxDocuments = 10_000;
const pageSize = 1_000;

interface StoredFacts {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  /** As JSON (`metadataOf`). */
  readonly metadata: string;
  readonly source: string | undefined;
  readonly path: string | undefined;
}

/** The names under which the facts of a document are in the payload: its own, and those of its metadata once. */
function named(facts: Document): Document {
  const { metadata, modified: _, indexed_at: __, document, source, path, title, type } = facts;
  return { d: { document, source, path, title, type }, m: metadata };
}

/** Entries that no filter asks for: of the two kinds as wholes, and that a document has the fields that all have. */
const neverAsked = /^[dm](?:[?=#]|$)|^d\.\w+\?$/;

/** What of a document is in the payload of its point and of those of its passages. */
export function payloadOf(document: NewDocument): {
  readonly shared: DocumentPayload;
  readonly facts: Pick<DocumentPoint, 'facts' | 'fields'>;
} {
  const { id, title, type, metadata, origin, indexedAt = Date.now() } = document;
  const stored: StoredFacts = {
    id,
    title,
    type,
    metadata: stringifyExactJson(metadata),
    source: origin?.source,
    path: origin?.path,
  };
  const modified = Math.abs(origin?.modified ?? 0);
  const facts = factsOfStored(stored, modified, indexedAt);
  const { is, ranges } = indexOfFacts(named(facts));
  const { metadata: __, ...fields } = facts;
  return {
    shared: {
      document: id,
      title,
      type,
      source: origin?.source ?? inlineSource,
      ...(modified > 0 && { modified }),
      indexed_at: indexedAt,
      is: is.filter((entry) => !neverAsked.test(entry)),
      ranges,
    },
    facts: { facts: JSON.stringify(stored), fields: Object.keys(fields) },
  };
}

function factsOfStored(stored: StoredFacts, modified: number, indexedAt: number): Document {
  const { metadata, ...more } = stored;
  return factsOf({ ...more, metadata: metadataOf(metadata), modified, indexedAt });
}

/** Ids that match, of the documents that the server cannot exclude. */
async function decidedHere(
  collection: Collection,
  filter: string,
  conditions: readonly PointCondition[],
  call: Call,
): Promise<string[]> {
  const matches = factsFilter(filter);
  const found: string[] = [];
  const scan = {
    filter: { must: [isDocument, ...conditions] },
    payload: ['facts', 'modified', 'indexed_at'],
    pageSize,
  };
  for await (const points of collection.pages(scan, call)) {
    for (const { payload } of points) {
      const point = payload as unknown as DocumentPoint;
      const stored = JSON.parse(point.facts) as StoredFacts;
      if (matches(factsOfStored(stored, point.modified ?? 0, point.indexed_at))) found.push(stored.id);
    }
    if (found.length > maxDocuments) {
      throw new HydrogenError(
        'not_supported',
        `The filter has a condition that Qdrant cannot decide, and more than ${maxDocuments} documents match. Use equality, $in, $nin, $exists, comparisons with numbers and dates, $and, $or, $nor and $not, or narrow it with one of them.`,
      );
    }
  }
  return found;
}

/**
 * The conditions of a selection, which all must hold. What a filter says that the server cannot is decided here, by the
 * facts of the documents that are left: that takes requests of its own before the search, and is refused where too many
 * documents match.
 * @throws HydrogenError `bad_input` or `not_supported` for an invalid or unsupported filter
 */
export async function conditionsOf(
  collection: Collection,
  { within = '', filter }: Selection,
  call: Call,
): Promise<readonly PointCondition[]> {
  const inside: PointCondition[] = within === '' ? [] : [{ key: 'document', match: { prefix: within } }];
  if (filter === undefined) return inside;
  // Also says what is wrong with it.
  factsFilter(filter);
  const { conditions, isComplete } = translate(fromExtendedJson(JSON.parse(filter)) as Document);
  const known = [...inside, ...conditions];
  if (isComplete) return known;
  const ids = await collection.whereThere(call, [], () => decidedHere(collection, filter, known, call));
  return [anyOf('document', ids)];
}
