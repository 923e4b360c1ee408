import type { Call } from '../../call.ts';

/** Up to where the changes of each followed collection are in the index. */
export interface Positions {
  read(source: string, call: Call): Promise<string | undefined>;
  save(source: string, position: string, call: Call): Promise<void>;
}
