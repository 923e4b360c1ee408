import type { Logger } from 'pino';
import type { Events } from './events.ts';
import { createListeners } from './listeners.ts';

/** The events of one process. */
export function createInProcessEvents(log: Logger): Events {
  const listeners = createListeners(log);
  return {
    async publish(change) {
      listeners.tell(change, true);
    },
    subscribe: async (handler) => listeners.subscribe(handler),
  };
}
