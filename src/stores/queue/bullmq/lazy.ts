import type { WakeUpsServer } from '../wake-ups.ts';
import type { BullmqSettings } from './settings.ts';

/** The wake-ups of `bullmq-wake-ups.ts`, whose client is loaded at the first use. */
export function lazyBullmqWakeUps(settings: BullmqSettings): WakeUpsServer {
  let loading: Promise<WakeUpsServer> | undefined;
  let loaded: WakeUpsServer | undefined;
  async function load(): Promise<WakeUpsServer> {
    const { createBullmqWakeUps } = await import('./bullmq-wake-ups.ts');
    loaded = createBullmqWakeUps(settings);
    return loaded;
  }
  const wakeUps = (): Promise<WakeUpsServer> => {
    loading ??= load();
    return loading;
  };
  return {
    wake: async (...args) => (await wakeUps()).wake(...args),
    onWake: async (...args) => (await wakeUps()).onWake(...args),
    ping: async (...args) => (await wakeUps()).ping(...args),
    state: () => loaded?.state() ?? { state: 'unused' },
    caveat: () => loaded?.caveat(),
    // What failed to load has nothing to close.
    close: async () =>
      loading?.then(
        (made) => made.close(),
        () => {},
      ),
  };
}
