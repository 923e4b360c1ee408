import type { Call } from '../../call.ts';

/** For each followed collection, the position up to which its changes are in the index. */
export interface Positions {
  read(source: string, call: Call): Promise<string | undefined>;
  save(source: string, position: string, call: Call): Promise<void>;
}
