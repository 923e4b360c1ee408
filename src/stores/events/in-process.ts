import type { Logger } from 'pino';
import type { Events } from './events.ts';
import { createHandlers } from './handlers.ts';

/** The events of one process. */
export function createInProcessEvents(log: Logger): Events {
  const handlers = createHandlers(log);
  return {
    async publish(change) {
      handlers.tell(change, true);
    },
    subscribe: async (handler) => handlers.subscribe(handler),
  };
}
