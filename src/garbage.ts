import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'major'; readonly execution: 'async' }) => Promise<void>;

let collect: Collect | undefined;

/**
 * Runs a garbage collection now: by itself V8 waits until the heap has grown by half, and the garbage of a message of
 * several megabytes outweighs everything else. Blocks this thread for about 30 ms.
 */
export async function collectGarbage(): Promise<void> {
  if (collect === undefined) {
    // Only contexts created while the flag is set have the function.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
    setFlagsFromString('--no-expose-gc');
  }
  await collect({ type: 'major', execution: 'async' });
}
