import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Call, Caller } from '../call.ts';
import { within } from '../call.ts';
import { badInput } from '../errors.ts';
import { protocolCall } from '../protocol/call.ts';
import { ownNamesOnly } from '../protocol/plain-names.ts';
import { forCaller } from '../tools/execute.ts';
import { collectionResource } from './collections.ts';
import type { FixedResource, ResourceApp, TemplateResource } from './define.ts';
import { documentResource } from './documents.ts';
import { exportResource } from './exports.ts';
import { healthResources } from './health.ts';
import { runResource } from './runs.ts';

/** Most entries a template lists and a completion offers. */
const maxListed = 100;

const templates: readonly TemplateResource[] = [
  collectionResource,
  documentResource,
  runResource,
  exportResource,
];

/** Runs `work` with a call of its own; what it throws becomes a protocol error that may be shown. */
async function guarded<T>(
  ctx: ServerContext | undefined,
  app: ResourceApp,
  caller: Caller,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const base: Call = ctx
    ? protocolCall(ctx, caller, app.log)
    : {
        caller,
        signal: new AbortController().signal,
        deadline: Number.POSITIVE_INFINITY,
        progress() {},
        log: app.log,
      };
  const call = within(base, app.config.callTimeoutMs);
  try {
    return await app.calls.run('read', call, work);
  } catch (error) {
    const shown = forCaller(error, call);
    if (shown.code === 'internal') app.log.error({ err: shown.cause }, 'resource failed');
    const code = ['internal', 'unavailable', 'timeout'].includes(shown.code)
      ? ProtocolErrorCode.InternalError
      : ProtocolErrorCode.InvalidParams;
    throw new ProtocolError(code, shown.message);
  }
}

function contents(uri: URL, mimeType: string, text: string): ReadResourceResult {
  return { contents: [{ uri: uri.href, mimeType, text }] };
}

function registerFixed(server: McpServer, resource: FixedResource, app: ResourceApp, caller: Caller): void {
  const { name, uri, title, description, mimeType } = resource;
  server.registerResource(name, uri, { title, description, mimeType }, (asked, ctx) =>
    guarded(ctx, app, caller, async (call) => contents(asked, mimeType, await resource.read(app, call))),
  );
}

function listed(
  resource: TemplateResource,
  app: ResourceApp,
  call: Call,
): ReturnType<TemplateResource['list']> {
  return resource.list(app, call, maxListed).catch((err: unknown) => {
    app.log.warn({ err, resource: resource.name }, 'resources could not be listed');
    return [];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badInput(`"${text}" is not a valid part of a URI: "%" must be written "%25".`);
  }
}

function registerTemplate(
  server: McpServer,
  resource: TemplateResource,
  app: ResourceApp,
  caller: Caller,
): void {
  const { name, uri, title, description, mimeType } = resource;
  const template = new ResourceTemplate(uri, {
    list: (ctx) =>
      guarded(ctx, app, caller, async (call) => ({
        // A part that is down must not hide the others, health least of all.
        resources: (await listed(resource, app, call)).map((entry) => ({ mimeType, ...entry })),
      })),
    complete: ownNamesOnly(
      Object.fromEntries(
        resource.variables.map((variable) => [
          variable,
          (value: string, context?: { arguments?: Record<string, string> }) =>
            guarded(undefined, app, caller, async (call) => {
              const known = await resource.complete(variable, context?.arguments ?? {}, app, call);
              return known.filter((entry) => entry.includes(value)).slice(0, maxListed);
            }),
        ]),
      ),
    ),
  });
  server.registerResource(name, template, { title, description, mimeType }, (asked, variables, ctx) =>
    guarded(ctx, app, caller, async (call) => {
      const values = Object.fromEntries(
        Object.entries(variables).map(([key, value]) => [key, decoded(String(value))]),
      );
      const found = await resource.read(values, app, call);
      return typeof found === 'string'
        ? contents(asked, mimeType, found)
        : contents(asked, found.mimeType, found.text);
    }),
  );
}

/** Registers every resource: health as fixed ones, collections, documents and runs as templates. */
export function registerResources(server: McpServer, app: ResourceApp, caller: Caller): void {
  for (const resource of healthResources) registerFixed(server, resource, app, caller);
  for (const resource of templates) registerTemplate(server, resource, app, caller);
}
