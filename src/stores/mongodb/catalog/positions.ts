import type { Positions } from '../../index/types.ts';
import type { Use } from './session.ts';

export function createMongoPositions(use: Use): Positions {
  return {
    read: (source, call) =>
      use(call, async ({ positions, options }) => {
        const found = await positions.findOne({ _id: source }, options());
        return found?.position;
      }),
    save: (source, position, call) =>
      use(call, async ({ positions, options }) => {
        await positions.updateOne({ _id: source }, { $set: { position } }, { ...options(), upsert: true });
      }),
  };
}
