import { ProtocolError, ProtocolErrorCode, type ServerContext } from '@modelcontextprotocol/server';
import { prompts } from '../prompts/prompts.ts';
import { fixedResources, resourceTemplates } from '../resources/resources.ts';
import { promptNotFound } from './prompts.ts';
import { allOffered, answer, refuse, type Serving } from './serving.ts';

/** Values that a completion offers. */
const maxValues = 100;
/** Time limit for finding the values of a prompt argument, ms. */
const promptTimeoutMs = 2_000;

interface Argument {
  readonly name: string;
  readonly value: string;
}

/** @param isWhole whether there are no other values: only then is their number known */
function completed(values: readonly string[], isWhole: boolean) {
  const shown = values.slice(0, maxValues);
  const hasMore = !isWhole || values.length > shown.length;
  return { completion: { values: shown, ...(isWhole && { total: values.length }), hasMore } };
}

/** Values that start with the typed text; a backend that is down offers none. */
async function completePrompt(
  name: string,
  { name: argumentName, value }: Argument,
  serving: Serving,
  ctx: ServerContext,
) {
  const request = { kind: 'prompt', action: 'complete', name } as const;
  const prompt = prompts.find((one) => one.name === name);
  if (!prompt || !allOffered(serving, prompt.needs)) {
    return refuse(serving, ctx, { ...request, needs: prompt?.needs ?? [] }, promptNotFound(name));
  }
  const completion = prompt.arguments.find((argument) => argument.name === argumentName)?.completion;
  // The prompt may be offered although the tool that lists the names is disabled.
  const values = completion && allOffered(serving, [completion.tool]) ? completion.values : async () => [];
  const limits = { operation: 'read', needs: prompt.needs, limitMs: promptTimeoutMs } as const;
  return answer(serving, ctx, { ...request, ...limits }, async (call) => {
    const known = await values(serving.app, call).catch((err: unknown) => {
      call.log.warn({ err, prompt: name }, 'completion failed');
      return [];
    });
    return completed(
      known.filter((one) => one.startsWith(value)),
      true,
    );
  });
}

/** Values that contain the typed text. */
async function completeResource(
  uri: string,
  { name: variable, value }: Argument,
  chosen: Readonly<Record<string, string>>,
  serving: Serving,
  ctx: ServerContext,
) {
  const request = { kind: 'resource', action: 'complete' } as const;
  const template = resourceTemplates.find((one) => one.uri === uri);
  const resource = template ?? fixedResources.find((one) => one.uri === uri);
  const needs = resource ? [resource.tool] : [];
  if (!resource || !allOffered(serving, needs)) {
    const error = new ProtocolError(ProtocolErrorCode.InvalidParams, `Resource template ${uri} not found`);
    return refuse(serving, ctx, { ...request, name: resource?.name ?? uri, needs }, error);
  }
  return answer(serving, ctx, { ...request, name: resource.name, operation: 'read', needs }, async (call) => {
    if (!template?.variables.includes(variable)) return completed([], true);
    const { values, isWhole } = await template.complete(variable, chosen, serving.app, call);
    return completed(
      values.filter((one) => one.includes(value)),
      isWhole,
    );
  });
}

export function serveCompletion(serving: Serving): void {
  serving.server.setRequestHandler('completion/complete', ({ params: { ref, argument, context } }, ctx) =>
    ref.type === 'ref/prompt'
      ? completePrompt(ref.name, argument, serving, ctx)
      : completeResource(ref.uri, argument, context?.arguments ?? {}, serving, ctx),
  );
}
