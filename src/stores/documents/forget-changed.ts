import type { Logger } from 'pino';
import { systemCall } from '../../call.ts';
import { type Cache, everythingTag, libraryTag } from '../cache/cache.ts';
import type { Change, Events, Subscription } from '../events/events.ts';
import { tagsOfChange } from './descriptions.ts';

/** How long telling the cache may take, ms. */
const limitMs = 5_000;

function tagsOf(change: Change): string[] {
  if (change.type === 'everything.changed') return [everythingTag];
  if (change.type === 'library.changed') return [libraryTag];
  return change.type === 'collection.changed'
    ? tagsOfChange(change.data.server, change.data, change.data.dropped)
    : [];
}

/** Makes worthless what a cache of this node remembers of collections that another node has changed, and of the library. */
export function forgetChanged(events: Events, cache: Cache, log: Logger): Promise<Subscription> {
  return events.subscribe((change, { isOwn }) => {
    const tags = tagsOf(change);
    // Whoever changes a collection tells its own cache before the call ends.
    if (tags.length === 0 || (isOwn && change.type !== 'library.changed')) return;
    cache
      .invalidate(tags, systemCall(log, { limitMs }))
      .catch((err: unknown) => log.warn({ err }, 'the cache could not be told of a change'));
  });
}
