import { completable, type McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Call, Caller } from '../call.ts';
import { within } from '../call.ts';
import type { Logger } from '../observability/log.ts';
import type { Services } from '../tools/define.ts';

interface PromptApp extends Services {
  readonly log: Logger;
}

export interface Prompt {
  readonly name: string;
  register(server: McpServer, app: PromptApp, caller: Caller): void;
}

const user = (text: string) => ({
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
});

/** Arguments of a prompt; others are refused, not left out without a word. */
function promptArguments<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `unknown argument "${String(keys?.[0]).slice(0, 200)}": the arguments are ${Object.keys(shape).join(', ')}.`
        : undefined,
  });
}

/** Names that begin like what was typed; a backend that is down offers none. */
async function startingWith(
  typed: string,
  names: Promise<readonly string[]>,
  log: Logger,
): Promise<string[]> {
  const known = await names.catch((err: unknown) => {
    log.warn({ err }, 'completion failed');
    return [];
  });
  return known.filter((name) => name.startsWith(typed)).slice(0, 100);
}

function completionCall(app: PromptApp, caller: Caller): Call {
  const signal = new AbortController().signal;
  return within({ caller, signal, deadline: Number.POSITIVE_INFINITY, progress() {}, log: app.log }, 2_000);
}

const answerFromDocuments: Prompt = {
  name: 'answer_from_documents',
  register(server) {
    server.registerPrompt(
      'answer_from_documents',
      {
        title: 'Answer from the documents',
        description: 'A short answer from the library, each statement with its source.',
        argsSchema: promptArguments({ question: z.string().describe('What you want to know') }),
      },
      ({ question }) =>
        user(
          `Answer this from the documents, not from memory: ${question}\n\nUse search (several wordings if the first finds little), read around the best passages with get_document, and answer in a few sentences. Put the source after each statement as [document:lines]. Say plainly what the documents do not tell.`,
        ),
    );
  },
};

const exploreCollection: Prompt = {
  name: 'explore_collection',
  register(server, app, caller) {
    const names = async (): Promise<string[]> => {
      const { store, database } = app.connections.get();
      const call = completionCall(app, caller);
      if (database !== undefined) return (await store.collections(database, call)).map(({ name }) => name);
      const lists = (await store.databases(call)).map(async ({ name: other }) =>
        (await store.collections(other, call)).map(({ name }) => `${other}.${name}`),
      );
      return (await Promise.all(lists)).flat();
    };
    /** Without a default database, a collection is named with its own. */
    const place = (given: string): string => {
      const dot = given.indexOf('.');
      if (app.connections.get().database !== undefined || dot < 1) return `"${given}"`;
      return `"${given.slice(dot + 1)}" of the database "${given.slice(0, dot)}"`;
    };
    server.registerPrompt(
      'explore_collection',
      {
        title: 'Explore a collection',
        description: 'What is in a collection, and which questions it can answer.',
        argsSchema: promptArguments({
          collection: completable(z.string().describe('Name of the collection'), (typed) =>
            startingWith(typed, names(), app.log),
          ),
        }),
      },
      ({ collection }) =>
        user(
          `Tell me what is in the collection ${place(collection)}. Use describe_collection, distinct on the fields that look like categories, and one or two aggregations that show the spread of the main figures. Summarise in a table what there is, note gaps and odd values, and propose five questions this data can answer.`,
        ),
    );
  },
};

const brief: Prompt = {
  name: 'brief',
  register(server, app, caller) {
    const topics = async (): Promise<string[]> =>
      (await app.library.list({ limit: 500 }, completionCall(app, caller))).documents.map(
        ({ title }) => title,
      );
    server.registerPrompt(
      'brief',
      {
        title: 'Write a brief',
        description: 'One page on a topic that joins what the documents say with figures from the data.',
        argsSchema: promptArguments({
          topic: completable(z.string().describe('What the brief is about'), (typed) =>
            startingWith(typed, topics(), app.log),
          ),
        }),
      },
      ({ topic }) =>
        user(
          `Write a one-page brief on: ${topic}\n\n1. Search the documents for it and read the best passages.\n2. Find the collections with figures on it (list_collections, describe_collection) and query them; if a workflow fits (list_workflows), run it.\n3. Write: the point in two sentences; what the documents say, cited as [document:lines]; a table of figures, each with its unit and source; what is uncertain or missing.`,
        ),
    );
  },
};

export const prompts: readonly Prompt[] = [answerFromDocuments, exploreCollection, brief];
