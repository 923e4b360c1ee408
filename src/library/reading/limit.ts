/** Runs tasks in order, with limited concurrency. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export function createLimit(max: number): Limit {
  const waiting: (() => void)[] = [];
  let active = 0;
  return async (work) => {
    if (active >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else active++;
    try {
      return await work();
    } finally {
      // Hand the slot to the next task, or free it.
      const next = waiting.shift();
      if (next) next();
      else active--;
    }
  };
}
