import type { DispatchRequest } from '../dispatch.ts';
import { HydrogenError } from '../errors.ts';
import { QuestionPending } from '../policy/question-pending.ts';
import type { StoreUse } from '../stores/documents/observed.ts';

type Kind = DispatchRequest['kind'];
type Action = DispatchRequest['action'];

const methods: Readonly<Record<Kind, Partial<Record<Action, string>>>> = {
  tool: { list: 'tools/list', call: 'tools/call' },
  resource: { list: 'resources/list', read: 'resources/read', subscribe: 'resources/subscribe' },
  prompt: { list: 'prompts/list', get: 'prompts/get' },
  command: {},
};

/**
 * What OpenTelemetry's semantic conventions for MCP say of a request. Arguments and names of documents are not told.
 * @param name absent for those that are told by no name
 */
export function mcpAttributes(
  kind: Kind,
  action: Action,
  name: string | undefined,
): Readonly<Record<string, string>> & { readonly 'mcp.method.name': string } {
  const method =
    methods[kind][action] ?? (action === 'complete' ? 'completion/complete' : `${kind}/${action}`);
  return {
    'mcp.method.name': method,
    ...(kind === 'tool' &&
      name !== undefined && { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name }),
    ...(kind === 'prompt' && name !== undefined && { 'gen_ai.prompt.name': name }),
  };
}

/** What the conventions for databases say of a use of a store, without what is asked. */
export function databaseAttributes({
  connection,
  kind,
  operation,
  database,
  collection,
}: StoreUse): Readonly<Record<string, string>> {
  return {
    'db.system.name': kind === 'mongodb' ? 'mongodb' : 'hydrogen',
    'db.operation.name': operation,
    'hydrogen.connection': connection,
    ...(database !== undefined && { 'db.namespace': database }),
    ...(collection !== undefined && { 'db.collection.name': collection }),
  };
}

/** How work ended that failed: the code of the error, or that a person is asked first. */
export function errorType(error: unknown): string {
  if (error instanceof QuestionPending) return 'question';
  return error instanceof HydrogenError ? error.code : 'internal';
}
