import type { EventsServer } from '../events.ts';
import type { NatsEventsSettings } from './settings.ts';

/** The events of `nats-events.ts`, whose client is loaded when something is published or subscribed to. */
export function lazyNatsEvents(settings: NatsEventsSettings): EventsServer {
  let loading: Promise<EventsServer> | undefined;
  let loaded: EventsServer | undefined;
  async function load(): Promise<EventsServer> {
    const { createNatsEvents } = await import('./nats-events.ts');
    loaded = createNatsEvents(settings);
    return loaded;
  }
  const events = (): Promise<EventsServer> => {
    loading ??= load();
    return loading;
  };
  return {
    publish: async (...args) => (await events()).publish(...args),
    subscribe: async (...args) => (await events()).subscribe(...args),
    send: (text) => void events().then((made) => made.send(text)),
    receive(handler) {
      let isWanted = true;
      const receiving = events().then((made) => (isWanted ? made.receive(handler) : () => {}));
      return () => {
        isWanted = false;
        void receiving.then((end) => end());
      };
    },
    ping: async (...args) => (await events()).ping(...args),
    state: () => loaded?.state() ?? { state: 'unused' },
    close: async () => (await loading)?.close(),
  };
}
