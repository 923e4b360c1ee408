import { type Document, aggregate as run } from '../../../mql/index.ts';
import type { AggregateQuery } from '../../documents/document-store.ts';
import type { Session } from '../engine/session.ts';
import { type CollectionRow, requireCollection } from './collections.ts';
import { type EncodedPage, pageOf } from './page.ts';
import { matchingFields, type PipelineSource, pipelineSource } from './pushdown/source.ts';

/** Memory limit for stages that collect documents, in bytes, like MongoDB's without disk use. */
const stageMemory = 100 * 1024 * 1024;

/** A pipeline ready to run: what it reads first, and its results, which are produced on demand. */
export interface PipelineRun {
  readonly source: PipelineSource;
  readonly results: Iterable<Document>;
}

/**
 * @param wanted the maximum number of results that will be requested
 * @param tally counts the documents that an index leads to
 * @throws HydrogenError for an invalid pipeline
 */
export function runPipeline(
  session: Session,
  collection: CollectionRow,
  query: Pick<AggregateQuery, 'database' | 'pipeline' | 'collation' | 'ahead'>,
  wanted: number,
  tally?: { examined: number },
): PipelineRun {
  const { database, pipeline, collation, ahead = 0 } = query;
  const now = new Date();
  const context = {
    collection: (name: string, filter: Document = {}): Iterable<Document> => {
      // MongoDB treats a collection that does not exist as empty, and a model would believe it.
      const foreign = requireCollection(session, { database, collection: name });
      const effectiveFilter = collation === undefined ? filter : {};
      return matchingFields(session, foreign, { filter: effectiveFilter, fields: undefined });
    },
    limits: { tick: session.tick, maxBytes: stageMemory },
    now,
    collation,
  };
  // Refuses an invalid pipeline as such before anything is planned.
  run([...pipeline], { ...context, input: () => [] });
  const source = pipelineSource(session, collection, {
    pipeline,
    collation,
    wanted,
    now,
    tally,
  });
  return {
    source,
    results: run([...source.rest], {
      ...context,
      input: source.documents,
      before: pipeline.length - source.rest.length - ahead,
    }),
  };
}

export function aggregate(session: Session, query: AggregateQuery): EncodedPage {
  // One extra result shows whether more follows.
  const { results } = runPipeline(session, requireCollection(session, query), query, query.limit + 1);
  return pageOf(results, query, { document: (result) => result });
}
