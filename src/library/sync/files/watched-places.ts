import type { BigIntStats } from 'node:fs';
import type { TrackedPath } from '../../../stores/index/types.ts';
import { type LookAt, lookAt } from './looks.ts';
import { identityOf } from './mounts.ts';

interface Looked {
  readonly present: readonly string[];
  /** Present ones that are not what they were, such as a folder on which a disk was mounted. */
  readonly renewed: readonly string[];
  /** Those that were not missing the last time. */
  readonly missing: readonly string[];
}

type State = string | 'missing' | 'unknown';

/** A folder made anew may get the inode of the one before it. Where the time of birth is not known it is that of change. */
function stateOfFound(found: BigIntStats): State {
  const { birthtimeNs, ctimeNs } = found;
  return `${identityOf(found)}${birthtimeNs === ctimeNs ? '' : `:${birthtimeNs}`}`;
}

async function identityAt(path: string, look: LookAt): Promise<State> {
  const found = await look(path);
  if (typeof found === 'string') return 'unknown';
  return found.stat ? stateOfFound(found.stat) : 'missing';
}

async function stateOf(path: string, places: readonly TrackedPath[], look: LookAt): Promise<State> {
  const root = await identityAt(path, look);
  if (root === 'missing') return root;
  const mounts = places.find((place) => place.path === path)?.seen?.mounts ?? [];
  const all = [root, ...(await Promise.all(mounts.map((mount) => identityAt(mount, look))))];
  return all.includes('unknown') ? 'unknown' : all.join();
}

/** Tells which of the tracked paths are there, and which were replaced or lost since the last look. */
export function createLook(
  look: LookAt = lookAt,
): (paths: readonly string[], places: readonly TrackedPath[]) => Promise<Looked> {
  const before = new Map<string, State>();
  return async (paths, places) => {
    const states = await Promise.all(
      paths.map(async (path) => {
        const was = before.get(path);
        const found = await stateOf(path, places, look);
        // One that does not answer is left as it was; at first that is neither present nor missing.
        const now = found === 'unknown' ? was : found;
        if (now !== undefined) before.set(path, now);
        return { path, was, now };
      }),
    );
    const present = states.filter(({ now }) => now !== undefined && now !== 'missing');
    const renewed = present.filter(({ was, now }) => was !== undefined && was !== now);
    const missing = states.filter(({ was, now }) => now === 'missing' && was !== 'missing');
    const pathsOf = (some: typeof states): string[] => some.map(({ path }) => path);
    return { present: pathsOf(present), renewed: pathsOf(renewed), missing: pathsOf(missing) };
  };
}
