import type { Call } from '../call.ts';
import { aggregate } from '../tools/aggregate.ts';
import type { Services } from '../tools/common/define.ts';
import { describeCollection } from '../tools/describe-collection.ts';
import { distinct } from '../tools/distinct.ts';
import { getDocument } from '../tools/get-document.ts';
import { listCollections } from '../tools/list-collections.ts';
import { listDocuments } from '../tools/list-documents.ts';
import { listWorkflows } from '../tools/list-workflows.ts';
import { runWorkflow } from '../tools/run-workflow.ts';
import { search } from '../tools/search.ts';
import type { Prompt } from './define.ts';

const answerFromDocuments: Prompt = {
  name: 'answer_from_documents',
  title: 'Answer from the documents',
  description: 'A short answer from the library, each statement with its source.',
  needs: [search, getDocument],
  arguments: [{ name: 'question', description: 'What you want to know' }],
  text: ({ question }) =>
    `Answer this from the documents, not from memory: ${question}\n\nUse \`search\` (several wordings if the first finds little), read around the best passages with get_document, and answer in a few sentences. Put the source after each statement as [document:lines]. Say plainly what the documents do not say.`,
};

/** The collections of the default connection; without a default database, each as `database.collection`. */
async function collectionNames({ connections }: Services, call: Call): Promise<string[]> {
  if (connections.all.length === 0) return [];
  const { store, database } = connections.get();
  if (database !== undefined) return (await store.collections(database, call)).map(({ name }) => name);
  const lists = (await store.databases(call)).map(async ({ name: otherName }) =>
    (await store.collections(otherName, call)).map(({ name }) => `${otherName}.${name}`),
  );
  return (await Promise.all(lists)).flat();
}

/** The prompt's wording for a name from `collectionNames`. */
function displayName(collection: string, { connections }: Services): string {
  const dot = collection.indexOf('.');
  if (connections.all[0]?.database !== undefined || dot < 1) return `"${collection}"`;
  return `"${collection.slice(dot + 1)}" of the database "${collection.slice(0, dot)}"`;
}

const exploreCollection: Prompt = {
  name: 'explore_collection',
  title: 'Explore a collection',
  description: 'What is in a collection, and which questions it can answer.',
  needs: [describeCollection, distinct, aggregate],
  arguments: [
    {
      name: 'collection',
      description: 'Name of the collection',
      completion: { tool: listCollections, values: collectionNames },
    },
  ],
  text: ({ collection = '' }, services) =>
    `Tell me what is in the collection ${displayName(collection, services)}. Use describe_collection, \`distinct\` on the fields that look like categories, and one or two aggregations that show the spread of the main figures. Summarise in a table what there is, note gaps and odd values, and propose five questions this data can answer.`,
};

const brief: Prompt = {
  name: 'brief',
  title: 'Write a brief',
  description: 'One page on a topic that joins what the documents say with figures from the data.',
  needs: [search, getDocument, listCollections, describeCollection, aggregate, listWorkflows, runWorkflow],
  arguments: [
    {
      name: 'topic',
      description: 'What the brief is about',
      completion: {
        tool: listDocuments,
        values: async ({ library }, call) =>
          (await library.list({ limit: 500 }, call)).documents.map(({ title }) => title),
      },
    },
  ],
  text: ({ topic }) =>
    `Write a one-page brief on: ${topic}\n\n1. Search the documents for it and read the best passages.\n2. Find the collections with figures on it (list_collections, describe_collection) and query them; if a workflow fits (list_workflows), run it.\n3. Write: the point in two sentences; what the documents say, cited as [document:lines]; a table of figures, each with its unit and source; what is uncertain or missing.`,
};

export const prompts: readonly Prompt[] = [answerFromDocuments, exploreCollection, brief];
