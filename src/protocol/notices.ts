import { ResourceNotFoundError, type ServerContext } from '@modelcontextprotocol/server';
import { badInput, HydrogenError } from '../errors.ts';
import { grantsOf } from '../policy/roles.ts';
import { fixedResources, resourceTemplates } from '../resources/resources.ts';
import { servicesFor } from '../tools/common/narrowed.ts';
import { isModern } from './asking.ts';
import { findResource } from './find-resource.ts';
import { allOffered, answer, refuse, type Serving } from './serving.ts';
import type { ResourceWatch } from './watch.ts';

/** Resources that one client may watch. */
export const maxWatched = 100;
/** Longest URI that is watched, characters. */
const maxUriLength = 2_000;

/** Whether there is a resource of that URI for the caller, or can be one later. */
export function isWatchable(uri: unknown, serving: Pick<Serving, 'app' | 'caller'>): uri is string {
  const { app, caller } = serving;
  if (typeof uri !== 'string' || uri.length > maxUriLength) return false;
  const found = findResource(uri, servicesFor(app, caller));
  if (found === undefined || !allOffered(serving, [found.resource.tool])) return false;
  const grants = grantsOf(app.config, caller);
  try {
    return found.canExist() && (grants.isUnrestricted || found.isFollowable(grants));
  } catch (error) {
    if (error instanceof HydrogenError) return false;
    throw error;
  }
}

/** What a client may subscribe to. */
function watchableUris(serving: Serving): string {
  const all = [...fixedResources, ...resourceTemplates];
  return all
    .filter(({ tool }) => allOffered(serving, [tool]))
    .map(({ uri }) => uri)
    .join(', ');
}

/**
 * Tells the client of a connection what changes: the list, and what it subscribed to. A client of 2026 subscribes with the
 * SDK, which passes on only what was asked for.
 */
export function sendNotices(serving: Serving, watch: ResourceWatch): void {
  const { server, app } = serving;
  const subscribed = new Set<string>();
  const failed = (err: unknown): void => app.log.debug({ err }, 'notice not sent');
  const following = watch.follow({
    listChanged: () => void server.sendResourceListChanged().catch(failed),
    updated(uri) {
      if (!isModern(server) && !subscribed.has(uri)) return;
      // Its roles may have been made narrower since it subscribed.
      if (isWatchable(uri, serving)) server.sendResourceUpdated({ uri }).catch(failed);
    },
  });
  const { onclose } = server;
  server.onclose = () => {
    following.end();
    onclose?.();
  };

  const request = { kind: 'resource', action: 'subscribe', operation: 'read' } as const;
  async function subscribe(uri: string, ctx: ServerContext): Promise<Record<string, never>> {
    const name = uri.slice(0, maxUriLength);
    if (!isWatchable(uri, serving)) {
      const message = `Resource not found: ${name}. There are ${watchableUris(serving)}.`;
      return refuse(serving, ctx, { ...request, name }, new ResourceNotFoundError(name, message));
    }
    return answer(serving, ctx, { ...request, name, needs: [] }, async () => {
      if (!subscribed.has(uri) && subscribed.size >= maxWatched) {
        throw badInput(
          `A client may subscribe to ${maxWatched} resources: unsubscribe from those no longer needed.`,
        );
      }
      subscribed.add(uri);
      await following.add(uri);
      return {};
    });
  }
  server.setRequestHandler('resources/subscribe', ({ params: { uri } }, ctx) => subscribe(uri, ctx));
  server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    subscribed.delete(uri);
    following.remove(uri);
    return {};
  });
}
