import { addDocument } from './add-document.ts';
import { aggregate } from './aggregate.ts';
import type { Tool } from './common/define.ts';
import { count } from './count.ts';
import { createIndex } from './create-index.ts';
import { deleteDocuments } from './delete.ts';
import { describeCollection } from './describe-collection.ts';
import { distinct } from './distinct.ts';
import { dropCollection } from './drop-collection.ts';
import { dropIndex } from './drop-index.ts';
import { explain } from './explain.ts';
import { exportTool } from './export.ts';
import { find } from './find.ts';
import { getDocument } from './get-document.ts';
import { getRun } from './get-run.ts';
import { health } from './health.ts';
import { ingest } from './ingest.ts';
import { insert } from './insert.ts';
import { listCollections } from './list-collections.ts';
import { listDatabases } from './list-databases.ts';
import { listDocuments } from './list-documents.ts';
import { listSources } from './list-sources.ts';
import { listWorkflows } from './list-workflows.ts';
import { removeDocument } from './remove-document.ts';
import { removeSource } from './remove-source.ts';
import { runWorkflow } from './run-workflow.ts';
import { search } from './search.ts';
import { similarDocuments } from './similar-documents.ts';
import { update } from './update.ts';

/** Every tool, in the order a client shows them. */
export const tools: readonly Tool[] = [
  search,
  getDocument,
  listDocuments,
  similarDocuments,
  listSources,
  listDatabases,
  listCollections,
  describeCollection,
  find,
  aggregate,
  count,
  distinct,
  explain,
  exportTool,
  listWorkflows,
  runWorkflow,
  getRun,
  health,
  ingest,
  addDocument,
  removeDocument,
  removeSource,
  insert,
  update,
  deleteDocuments,
  createIndex,
  dropIndex,
  dropCollection,
];
