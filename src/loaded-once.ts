/** What is loaded at its first use. */
export interface LoadedOnce<T> {
  /** Loads it, once for all callers. Where that fails they are told, and the next one tries again. */
  get(): Promise<T>;
  /** What was loaded, if it was. */
  readonly now: T | undefined;
  /** Waits for what is being loaded; undefined where nothing is, or where it fails. */
  begun(): Promise<T | undefined>;
}

/** A file that could not be opened, for want of descriptors or on a disk that was away, may be there the next time. */
export function loadedOnce<T>(load: () => Promise<T>): LoadedOnce<T> {
  let loading: Promise<T> | undefined;
  let loaded: T | undefined;
  function begin(): Promise<T> {
    const begun = Promise.resolve().then(load);
    begun.then(
      (made) => {
        loaded = made;
      },
      () => {
        loading = undefined;
      },
    );
    return begun;
  }
  return {
    get() {
      loading ??= begin();
      return loading;
    },
    get now() {
      return loaded;
    },
    begun: async () => loading?.catch(() => undefined),
  };
}
