import { badInput } from '../../../errors.ts';
import { compileFilter, compileProjection, type Document } from '../../../mql/index.ts';
import type { FindQuery } from '../../documents/document-store.ts';
import { readPosition, writePosition } from '../../documents/position.ts';
import type { Session } from '../engine/session.ts';
import { requireCollection } from './collections.ts';
import { type EncodedPage, pageOf } from './page.ts';
import { choosePlan, type Plan } from './plan/choose.ts';
import { type Reading, readMatches, type StoredDocument } from './plan/read.ts';
import { type Placed, readSorted } from './plan/sorted.ts';
import type { SortedRow } from './pushdown/top.ts';

const positionOf = ({ keys, row }: SortedRow): string => writePosition([...keys, String(row)]);

function placeAt(position: string, sort: Document | undefined): SortedRow {
  const values = readPosition(position);
  if (values.length !== Object.keys(sort ?? {}).length + 1) {
    throw badInput('This position belongs to another query. Start again without it.');
  }
  return { keys: values.slice(0, -1), row: Number(values.at(-1)) };
}

function* inOrderOfInsertion(stored: Iterable<StoredDocument>): Generator<Placed> {
  for (const { row, document } of stored) yield { row, document, keys: [] };
}

/** One page of a `find`, with documents as BSON. */
export function find(session: Session, query: FindQuery): EncodedPage {
  const collection = requireCollection(session, query);
  const { filter, sort, collation, skip, limit, after } = query;
  // Refuses an invalid query as such before anything is planned.
  compileFilter(filter, { collation });
  // One extra document shows whether more follows.
  const wanted = (after === undefined ? skip : 0) + limit + 1;
  const plan = choosePlan(session, collection, { filter, sort, collation, wanted });
  return findBy(session, collection.id, query, plan);
}

/** One page of a `find` by one of its plans; every plan returns the same page. */
export function findBy(session: Session, collection: number, query: FindQuery, plan: Plan): EncodedPage {
  const { filter, collation, skip, limit, after } = query;
  const sort = query.sort && Object.keys(query.sort).length > 0 ? query.sort : undefined;
  const matches = compileFilter(filter, { collation });
  const project = query.projection
    ? compileProjection(query.projection, filter, { collation })
    : (document: Document) => document;
  const from = after === undefined ? undefined : placeAt(after, sort);
  const toSkip = from ? 0 : skip;
  const reading: Reading = { collection, filter, matches, collation };
  const ordered = sort
    ? readSorted(session, plan, reading, { sort, wanted: toSkip + limit + 1, after: from })
    : inOrderOfInsertion(readMatches(session, plan, reading, from?.row));
  return pageOf<Placed>(Iterator.from(ordered).drop(toSkip), query, {
    document: ({ document }) => project(document),
    position: positionOf,
  });
}
