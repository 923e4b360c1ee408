import { type CloudEvent, cloudEventOf } from './cloud-events.ts';
import type { Change } from './events.ts';

/** More changes than these are told as one: that everything may have changed. */
const maxWaiting = 1_000;

/** What has not been sent yet. */
export interface Outbox {
  add(change: Change): void;
  /** The one that waits longest; undefined where there is none. */
  first(): CloudEvent | undefined;
  /** It was sent. */
  done(event: CloudEvent): void;
  size(): number;
}

const nameOf = (change: Change): string =>
  JSON.stringify([change.type, 'subject' in change && change.subject]);

/** @param source who tells it */
export function createOutbox(source: string): Outbox {
  const waiting = new Map<string, CloudEvent>();
  /** The one that is being sent: what changes meanwhile is told again. */
  let sending: CloudEvent | undefined;
  return {
    add(change) {
      const name = nameOf(change);
      const known = waiting.get(name);
      if (known && known !== sending) return;
      if (!known && waiting.size >= maxWaiting) {
        const everything: Change = { type: 'everything.changed' };
        waiting.clear();
        waiting.set(nameOf(everything), cloudEventOf(everything, source));
        return;
      }
      waiting.set(name, cloudEventOf(change, source));
    },
    first() {
      const [event] = waiting.values();
      sending = event;
      return event;
    },
    done(event) {
      for (const [name, one] of waiting) if (one === event) waiting.delete(name);
      sending = undefined;
    },
    size: () => waiting.size,
  };
}
