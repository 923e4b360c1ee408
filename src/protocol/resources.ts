import {
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Call } from '../call.ts';
import type { FixedResource, TemplateResource } from '../resources/define.ts';
import { fixedResources, resourceTemplates } from '../resources/resources.ts';
import { findResource } from './find-resource.ts';
import { allOffered, answer, answerList, refuse, type Serving } from './serving.ts';
import { withToolPrefix } from './tool-names.ts';

/** Longest URI that is looked up, characters: no resource has a longer one. */
const maxUriLength = 100_000;
/** Listed entries per template. */
const maxListed = 100;

const described = (
  { name, title, description, mimeType }: FixedResource | TemplateResource,
  { app }: Serving,
) => ({
  name,
  title,
  description: withToolPrefix(description, app.config.toolPrefix),
  mimeType,
});

async function listResources(serving: Serving, call: Call) {
  const { app } = serving;
  const isOffered = ({ tool }: FixedResource | TemplateResource): boolean => allOffered(serving, [tool]);
  const lists = resourceTemplates.filter(isOffered).map(async (resource) => {
    // A part that is down must not hide the others, health least of all.
    const entries = await resource.list(app, call, maxListed).catch((err: unknown) => {
      app.log.warn({ err, resource: resource.name }, 'resources could not be listed');
      return [];
    });
    return entries.map((entry) => ({ ...described(resource, serving), ...entry }));
  });
  const fixed = fixedResources
    .filter(isOffered)
    .map((resource) => ({ uri: resource.uri, ...described(resource, serving) }));
  return { resources: [...fixed, ...(await Promise.all(lists)).flat()] };
}

async function readResource(
  requested: string,
  serving: Serving,
  ctx: ServerContext,
): Promise<ReadResourceResult> {
  const request = { kind: 'resource', action: 'read', operation: 'read' } as const;
  if (requested.length > maxUriLength) {
    const begin = `${requested.slice(0, 200)}…`;
    return refuse(serving, ctx, { ...request, name: requested }, new ResourceNotFoundError(begin));
  }
  const url = URL.parse(requested);
  if (!url) {
    const data = { uri: requested, reason: 'invalid_uri' };
    const error = new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `Resource URI ${requested} is invalid`,
      data,
    );
    return refuse(serving, ctx, { ...request, name: requested }, error);
  }
  const found = findResource(url.href, serving.app);
  const needs = found ? [found.resource.tool] : [];
  if (!found || !allOffered(serving, needs)) {
    const name = found?.resource.name ?? requested;
    return refuse(serving, ctx, { ...request, name, needs }, new ResourceNotFoundError(requested));
  }
  const { name, mimeType } = found.resource;
  return answer(serving, ctx, { ...request, name, needs }, async (call) => {
    const content = await found.read(call);
    const shown = typeof content === 'string' ? { mimeType, text: content } : content;
    return { contents: [{ uri: url.href, ...shown }] };
  });
}

export function serveResources(serving: Serving): void {
  const { server } = serving;
  server.setRequestHandler('resources/list', (_request, ctx) =>
    answer(serving, ctx, { kind: 'resource', action: 'list', operation: 'read', needs: [] }, (call) =>
      listResources(serving, call),
    ),
  );
  server.setRequestHandler('resources/templates/list', (_request, ctx) =>
    answerList(serving, ctx, 'resource', () => ({
      resourceTemplates: resourceTemplates
        .filter(({ tool }) => allOffered(serving, [tool]))
        .map((resource) => ({ uriTemplate: resource.uri, ...described(resource, serving) })),
    })),
  );
  server.setRequestHandler('resources/read', ({ params: { uri } }, ctx) => readResource(uri, serving, ctx));
}
