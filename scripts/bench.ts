// Measures the product: `npm run bench [-- PART OPTIONS]`. Each part says more in its file.
//   overview    what the product promises: start, ingest, tools, memory (when no part is named)
//   search      search at 100,000 passages
//   qdrant      the same passages on a Qdrant server
//   documents   the embedded document store at 200,000 documents
//   ingest      how documents are read
//   model       the packaged model against another
//   audit       changes with and without the audit record, and how fast it is verified
//   load        a server with callers, limits and a record under load, against the SDK's echo
//   nodes       one node against two, on shared servers
import { runPart } from './part.ts';

await runPart('bench', [
  'overview',
  'search',
  'qdrant',
  'documents',
  'ingest',
  'model',
  'audit',
  'load',
  'nodes',
]);
