import { HydrogenError } from '../../errors.ts';

export const unknownRun = (id: string): HydrogenError =>
  new HydrogenError('not_found', `There is no run "${id}".`);
