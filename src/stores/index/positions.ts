import type { Call } from '../../call.ts';
import type { StoreFile } from '../embedded/engine/store-file.ts';

/** Up to where the changes of each followed collection are in the index. */
export interface Positions {
  read(source: string, call: Call): Promise<string | undefined>;
  save(source: string, position: string, call: Call): Promise<void>;
}

export function createPositions(file: StoreFile): Positions {
  return {
    read: (source, call) => file.run('light', 'positions.read', source, call),
    async save(source, position, call) {
      await file.run('write', 'positions.save', { source, position }, call);
    },
  };
}
