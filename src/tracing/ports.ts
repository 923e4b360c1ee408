import type { Embedder } from '../embeddings/types.ts';
import type { Library } from '../library/types.ts';
import { type SpanOptions, withSpans } from '../observability/spans.ts';
import type { Journal } from '../stores/journal/types.ts';

/** The model: vectors that are remembered are not asked of it. */
export const tracedEmbedder = (embedder: Embedder): Embedder =>
  withSpans(embedder, ['embed'], () => ({
    name: `embeddings ${embedder.name}`,
    kind: 'internal',
    attributes: { 'gen_ai.operation.name': 'embeddings', 'gen_ai.request.model': embedder.name },
  }));

const of =
  (part: string) =>
  (method: string): SpanOptions => ({ name: `${part} ${method}`, kind: 'internal', attributes: {} });

/** What is done for a caller. How the library is, health asks too often to be of interest. */
export const tracedLibrary = (library: Library): Library =>
  withSpans(
    library,
    ['search', 'similar', 'get', 'list', 'ingest', 'refresh', 'add', 'remove', 'removeSource', 'reindex'],
    of('library'),
  );

export const tracedJournal = (journal: Journal): Journal =>
  withSpans(
    journal,
    ['create', 'get', 'steps', 'recent', 'journaled', 'record', 'finish', 'release', 'requestCancel'],
    of('journal'),
  );
