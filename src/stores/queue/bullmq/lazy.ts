import { loadedOnce } from '../../../loaded-once.ts';
import type { WakeUpsServer } from '../wake-ups.ts';
import type { BullmqSettings } from './settings.ts';

/** The wake-ups of `bullmq-wake-ups.ts`, whose client is loaded at the first use. */
export function lazyBullmqWakeUps(settings: BullmqSettings): WakeUpsServer {
  const wakeUps = loadedOnce(async (): Promise<WakeUpsServer> => {
    const { createBullmqWakeUps } = await import('./bullmq-wake-ups.ts');
    return createBullmqWakeUps(settings);
  });
  return {
    wake: async (...args) => (await wakeUps.get()).wake(...args),
    onWake: async (...args) => (await wakeUps.get()).onWake(...args),
    ping: async (...args) => (await wakeUps.get()).ping(...args),
    state: () => wakeUps.now?.state() ?? { state: 'unused' },
    caveat: () => wakeUps.now?.caveat(),
    close: async () => (await wakeUps.begun())?.close(),
  };
}
