import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { TrackedPath } from '../../../stores/index/types.ts';
import { identityOf } from './mounts.ts';

/** How long looking at one path may take, ms: on a disk that is away it may take forever. */
const lookMs = 1_000;

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

async function identityAt(path: string): Promise<State> {
  const found = lstat(path, { bigint: true }).then(stateOfFound, () => 'missing');
  return Promise.race([found, setTimeout(lookMs, 'unknown', { ref: false })]);
}

async function stateOf(path: string, places: readonly TrackedPath[]): Promise<State> {
  const root = await identityAt(path);
  if (root === 'missing') return root;
  const mounts = places.find((place) => place.path === path)?.seen?.mounts ?? [];
  const all = [root, ...(await Promise.all(mounts.map(identityAt)))];
  return all.includes('unknown') ? 'unknown' : all.join();
}

/** Tells which of the tracked paths are there, and which were replaced or lost since the last look. */
export function createLook(): (paths: readonly string[], places: readonly TrackedPath[]) => Promise<Looked> {
  const before = new Map<string, State>();
  return async (paths, places) => {
    const states = await Promise.all(
      paths.map(async (path) => {
        const was = before.get(path);
        const found = await stateOf(path, places);
        // One that does not answer is left as it was.
        const now = found === 'unknown' ? (was ?? 'missing') : found;
        before.set(path, now);
        return { path, was, now };
      }),
    );
    const present = states.filter(({ now }) => now !== 'missing');
    const renewed = present.filter(({ was, now }) => was !== undefined && was !== now);
    const missing = states.filter(({ was, now }) => now === 'missing' && was !== 'missing');
    const pathsOf = (some: typeof states): string[] => some.map(({ path }) => path);
    return { present: pathsOf(present), renewed: pathsOf(renewed), missing: pathsOf(missing) };
  };
}
