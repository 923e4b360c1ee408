import {
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Call } from '../call.ts';
import { badInput } from '../errors.ts';
import { signCursor, verifyCursor } from '../policy/cursors.ts';
import type { FixedResource, ListedPage, TemplateResource } from '../resources/define.ts';
import { fixedResources, resourceTemplates } from '../resources/resources.ts';
import { isModern } from './asking.ts';
import { findResource } from './find-resource.ts';
import { allOffered, answer, answerList, refuse, type Serving } from './serving.ts';
import { withToolPrefix } from './tool-names.ts';

/** Longest URI that is looked up, characters: no resource has a longer one. */
const maxUriLength = 100_000;
/** Listed entries per template and page. */
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

/** Where the lists of a cursor go on, by the names of their resources. */
type Places = Readonly<Record<string, string>>;

const cursorPrefix = 'resources ';

async function placesIn(cursor: string, { app, caller }: Serving): Promise<Places> {
  const text = verifyCursor(cursor, caller, await app.signer());
  if (text.startsWith(cursorPrefix)) return JSON.parse(text.slice(cursorPrefix.length)) as Places;
  throw badInput('This cursor belongs to another list. List the resources without it.');
}

/** How long a server of data may take to say what it has, ms: clients ask for this list when they start. */
const listMs = 5_000;

async function listResources(cursor: string | undefined, serving: Serving, call: Call) {
  const { app } = serving;
  const places = cursor === undefined ? undefined : await placesIn(cursor, serving);
  const isOffered = ({ tool }: FixedResource | TemplateResource): boolean => allOffered(serving, [tool]);
  const next: Record<string, string> = {};
  const soon = { ...call, deadline: Math.min(call.deadline, Date.now() + listMs) };
  const continued = resourceTemplates.filter(({ name }) => places === undefined || name in places);
  const lists = continued.filter(isOffered).map(async (resource) => {
    // A part that is down must not hide the others, health least of all.
    const page = await resource
      .list(app, soon, maxListed, places?.[resource.name])
      .catch((err: unknown): ListedPage => {
        app.log.warn({ err, resource: resource.name }, 'resources could not be listed');
        return { entries: [] };
      });
    if (page.next !== undefined) next[resource.name] = page.next;
    return page.entries.map((entry) => ({ ...described(resource, serving), ...entry }));
  });
  const fixed = places ? [] : fixedResources.filter(isOffered);
  const resources = [
    ...fixed.map((resource) => ({ uri: resource.uri, ...described(resource, serving) })),
    ...(await Promise.all(lists)).flat(),
  ];
  if (Object.keys(next).length === 0) return { resources };
  const text = cursorPrefix + JSON.stringify(next);
  return { resources, nextCursor: signCursor(text, serving.caller, await app.signer()) };
}

async function readResource(
  requested: string,
  serving: Serving,
  ctx: ServerContext,
): Promise<ReadResourceResult> {
  const given = { uri: requested.slice(0, maxUriLength) };
  const request = { kind: 'resource', action: 'read', operation: 'read', arguments: given } as const;
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
  const keepMs = 'keepMs' in found.resource ? found.resource.keepMs : undefined;
  return answer(serving, ctx, { ...request, name, needs }, async (call) => {
    const content = await found.read(call);
    const shown = typeof content === 'string' ? { mimeType, text: content } : content;
    const contents = [{ uri: url.href, ...shown }];
    return { contents, ...(keepMs !== undefined && isModern(serving.server) && { ttlMs: keepMs }) };
  });
}

export function serveResources(serving: Serving): void {
  const { server } = serving;
  server.setRequestHandler('resources/list', ({ params }, ctx) =>
    answer(serving, ctx, { kind: 'resource', action: 'list', operation: 'read', needs: [] }, (call) =>
      listResources(params?.cursor, serving, call),
    ),
  );
  server.setRequestHandler('resources/templates/list', ({ params }, ctx) =>
    answerList(serving, ctx, 'resource', params, () => ({
      resourceTemplates: resourceTemplates
        .filter(({ tool }) => allOffered(serving, [tool]))
        .map((resource) => ({ uriTemplate: resource.uri, ...described(resource, serving) })),
    })),
  );
  server.setRequestHandler('resources/read', ({ params: { uri } }, ctx) => readResource(uri, serving, ctx));
}
