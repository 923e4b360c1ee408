import type { Backend, BackendOptions } from './backend.ts';

/** The policy of `backend.ts`, loaded at the first use. */
export function lazyBackend(options: BackendOptions): Backend {
  let loading: Promise<Backend> | undefined;
  let loaded: Backend | undefined;
  async function load(): Promise<Backend> {
    const { createBackend } = await import('./backend.ts');
    loaded = createBackend(options);
    return loaded;
  }
  return {
    async use(call, work, how) {
      loading ??= load();
      return (await loading).use(call, work, how);
    },
    state: () => loaded?.state() ?? { state: 'unused' },
  };
}
