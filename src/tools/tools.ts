import { addDocument } from './add-document.ts';
import { aggregate } from './aggregate.ts';
import { count } from './count.ts';
import type { Tool } from './define.ts';
import { describeCollection } from './describe-collection.ts';
import { distinct } from './distinct.ts';
import { find } from './find.ts';
import { getDocument } from './get-document.ts';
import { getRun } from './get-run.ts';
import { health } from './health.ts';
import { ingest } from './ingest.ts';
import { listCollections } from './list-collections.ts';
import { listDocuments } from './list-documents.ts';
import { listWorkflows } from './list-workflows.ts';
import { removeDocument } from './remove-document.ts';
import { runWorkflow } from './run-workflow.ts';
import { search } from './search.ts';

/** Every tool, in the order a client shows them. */
export const tools: readonly Tool[] = [
  search,
  getDocument,
  listDocuments,
  listCollections,
  describeCollection,
  find,
  aggregate,
  count,
  distinct,
  listWorkflows,
  runWorkflow,
  getRun,
  health,
  ingest,
  addDocument,
  removeDocument,
];
