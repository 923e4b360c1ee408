import { loadedOnce } from '../loaded-once.ts';
import type { Backend, BackendOptions } from './backend.ts';

/** The policy of `backend.ts`, loaded at the first use. */
export function lazyBackend(options: BackendOptions): Backend {
  const backend = loadedOnce(async (): Promise<Backend> => {
    const { createBackend } = await import('./backend.ts');
    return createBackend(options);
  });
  return {
    use: async (call, work, how) => (await backend.get()).use(call, work, how),
    state: () => backend.now?.state() ?? { state: 'unused' },
  };
}
