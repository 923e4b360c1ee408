import { loadedOnce } from '../../../loaded-once.ts';
import type { EventsServer } from '../events.ts';
import type { NatsEventsSettings } from './settings.ts';

const ignore = (): void => {};

/** The events of `nats-events.ts`, whose client is loaded when something is published or subscribed to. */
export function lazyNatsEvents(settings: NatsEventsSettings): EventsServer {
  const events = loadedOnce(async (): Promise<EventsServer> => {
    const { createNatsEvents } = await import('./nats-events.ts');
    return createNatsEvents(settings);
  });
  return {
    publish: async (...args) => (await events.get()).publish(...args),
    subscribe: async (...args) => (await events.get()).subscribe(...args),
    // What failed to load, which the next use tries again, loses the message as an outage would: nobody waits to be told.
    send: (text) => void events.get().then((made) => made.send(text), ignore),
    receive(handler) {
      let isWanted = true;
      const receiving = events.get().then(
        (made) => (isWanted ? made.receive(handler) : ignore),
        () => ignore,
      );
      return () => {
        isWanted = false;
        void receiving.then((end) => end());
      };
    },
    ping: async (...args) => (await events.get()).ping(...args),
    state: () => events.now?.state() ?? { state: 'unused' },
    close: async () => (await events.begun())?.close(),
  };
}
