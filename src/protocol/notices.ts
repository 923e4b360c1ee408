import { ResourceNotFoundError, type Server, type ServerContext } from '@modelcontextprotocol/server';
import { systemCall } from '../call.ts';
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
/** How long the look whether a resource is there may take, ms. */
const lookMs = 5_000;

/**
 * Whether there is a resource of that URI for the caller, or can be one later.
 * @throws HydrogenError where that cannot be found out
 */
async function canBeWatched(uri: string, serving: Pick<Serving, 'app' | 'caller'>): Promise<boolean> {
  const { app, caller } = serving;
  if (uri.length > maxUriLength) return false;
  const found = findResource(uri, servicesFor(app, caller));
  if (found === undefined || !allOffered(serving, [found.resource.tool])) return false;
  const grants = grantsOf(app.config, caller);
  try {
    if (!found.canExist() || !(grants.isUnrestricted || found.isFollowable(grants))) return false;
  } catch (error) {
    if (error instanceof HydrogenError) return false;
    throw error;
  }
  return found.exists(systemCall(app.log, { caller, limitMs: lookMs }));
}

/** The same; what cannot be found out is not watched. */
export async function isWatchable(uri: string, serving: Pick<Serving, 'app' | 'caller'>): Promise<boolean> {
  try {
    return await canBeWatched(uri, serving);
  } catch (err) {
    serving.app.log.debug({ err, uri }, 'whether a resource may be watched could not be found out');
    return false;
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

/** Tells a client that its lists, as far as they can change, may be others. */
export async function tellAllLists(server: Server): Promise<void> {
  const { tools, prompts, resources } = server.getCapabilities();
  if (tools?.listChanged) await server.sendToolListChanged();
  if (prompts?.listChanged) await server.sendPromptListChanged();
  if (resources?.listChanged) await server.sendResourceListChanged();
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
    offersChanged: () => void tellAllLists(server).catch(failed),
    updated(uri) {
      if (!isModern(server) && !subscribed.has(uri)) return;
      // Its roles may have been made narrower since it subscribed.
      isWatchable(uri, serving)
        .then((isStill) => (isStill ? server.sendResourceUpdated({ uri }) : undefined))
        .catch(failed);
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
    const isThere = await canBeWatched(uri, serving).catch((error: unknown) =>
      answer<never>(serving, ctx, { ...request, name, needs: [] }, () => Promise.reject(error)),
    );
    if (!isThere) {
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
