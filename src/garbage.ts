import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'major'; readonly execution: 'async' }) => Promise<void>;

let collect: Collect | undefined;

/**
 * Lets V8 look for garbage now: by itself it does only once the heap has grown by half, and what a message of
 * megabytes leaves behind is more than all the rest. Takes some 30 ms of this thread.
 */
export async function collectGarbage(): Promise<void> {
  if (collect === undefined) {
    // A context that is made meanwhile has the function; no other does.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
    setFlagsFromString('--no-expose-gc');
  }
  await collect({ type: 'major', execution: 'async' });
}
