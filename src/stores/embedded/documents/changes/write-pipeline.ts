import { badInput, HydrogenError } from '../../../../errors.ts';
import {
  compilePipelineWrite,
  type Document,
  decode,
  encode,
  type PipelineWrite,
  prepareInsert,
} from '../../../../mql/index.ts';
import type { Collated, Namespace } from '../../../documents/document-store.ts';
import type { Session } from '../../engine/session.ts';
import { aggregate } from '../aggregate.ts';
import { findCollection } from '../collections.ts';
import { indexesOf } from '../indexes/definition.ts';
import { collectionFor, emptyCollection, insertRow, replaceRow } from '../rows.ts';
import { selected } from './select.ts';
import type { EncodedChange } from './update.ts';

/** A pipeline that ends with $out or $merge. The tools that read never let one through. */
export interface PipelineChange extends Namespace, Collated {
  readonly pipeline: readonly Document[];
}

/** Maximum size of the results held before they are written, in bytes of relaxed Extended JSON. */
const maxBytes = 100 * 1024 * 1024;

/**
 * Runs the pipeline, then writes all of its results or none, in the transaction of its lane. The results are read to
 * the end first: they may go into the collection they come from.
 * @throws HydrogenError `too_large`, `conflict` for a unique value, `bad_input`, `not_supported`
 */
export function writePipeline(session: Session, change: PipelineChange): EncodedChange {
  const { database, pipeline, collation } = change;
  const { reads, write } = compilePipelineWrite(pipeline, {
    limits: { tick: session.tick, maxBytes },
    ...(collation && { collation }),
  });
  const limit = Number.MAX_SAFE_INTEGER;
  const page = aggregate(session, { ...change, pipeline: reads, limit, maxBytes });
  if (page.cappedBy !== undefined) {
    throw new HydrogenError('too_large', 'The results of the pipeline exceed 100 MiB. Nothing was changed.');
  }
  const namespace = { database: write.database ?? database, collection: write.collection };
  const results = page.documents.map(decode);
  if (write.kind === 'merge') return merge(session, namespace, write, results, collation);
  const target = collectionFor(session, namespace);
  emptyCollection(session, target);
  for (const result of results) {
    session.tick();
    insertRow(session, target, prepareInsert(result));
  }
  return { matched: results.length, changed: results.length };
}

/** A target that does not exist is created by its first document. */
function merge(
  session: Session,
  namespace: Namespace,
  write: Extract<PipelineWrite, { kind: 'merge' }>,
  results: readonly Document[],
  collation: Document | undefined,
): EncodedChange {
  let target = findCollection(session, namespace)?.id;
  assertUnique(session, target, write.on);
  let changed = 0;
  for (const result of results) {
    session.tick();
    const filter = write.match(result);
    const [there] =
      filter && target !== undefined
        ? selected(
            session,
            target,
            { filter, many: false, ...(collation && { collation }) },
            { maxDocuments: 1 },
          )
        : [];
    if (there === undefined || target === undefined) {
      const made = write.unmatched(result);
      if (made === undefined) continue;
      target ??= collectionFor(session, namespace);
      insertRow(session, target, prepareInsert(made));
      changed++;
      continue;
    }
    const after = write.matched(there.document, result);
    if (after !== undefined && replaceRow(session, target, there.row, there.document, after, encode(after))) {
      changed++;
    }
  }
  return { matched: results.length, changed };
}

/** As in MongoDB: the fields that identify a document must identify only one. */
function assertUnique(session: Session, target: number | undefined, on: readonly string[]): void {
  if (on.length === 1 && on[0] === '_id') return;
  const isThem = (paths: readonly string[]): boolean =>
    paths.length === on.length && paths.every((path) => on.includes(path));
  const indexes = (target === undefined ? [] : indexesOf(session, target)).filter(({ unique }) => unique);
  if (indexes.some(({ fields }) => isThem(fields.map(({ path }) => path)))) return;
  throw badInput(
    `"on" of $merge needs a unique index on ${on.map((path) => `"${path}"`).join(', ')} of the target.`,
  );
}
