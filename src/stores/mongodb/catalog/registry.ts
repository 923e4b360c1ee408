import { hostname } from 'node:os';
import type { Call } from '../../../call.ts';
import { throwIfCallEnded } from '../../../call-end.ts';
import { HydrogenError } from '../../../errors.ts';
import type { Source, TrackedPath } from '../../index/types.ts';
import { codeOf } from '../errors.ts';
import type { RegistryState } from './collections.ts';
import { newName, type Use } from './session.ts';

export interface RegistryEntries {
  readonly sources: readonly Source[];
  /** In order of path. */
  readonly places: readonly TrackedPath[];
}

interface Known extends RegistryEntries {
  readonly revision?: string;
  readonly tracked?: string;
}

/** The sources and tracked paths, in one document: each change is atomic, and two that meet follow one another. */
export interface Registry {
  read(call: Call): Promise<RegistryEntries>;
  /** @param change returns what is to be instead, or nothing where all is to stay; it may be asked several times */
  change(call: Call, change: (entries: RegistryEntries) => RegistryEntries | undefined): Promise<void>;
  hasOtherPlaces(known: readonly TrackedPath[], call: Call): Promise<boolean>;
}

/** MongoDB's error for a value that is there already. */
const duplicate = 11_000;
/** MongoDB takes documents up to 16 MiB, and each place has a few bytes besides. */
const maxBytes = 14_000_000;

function assertFits(places: readonly string[]): void {
  const bytes = places.reduce((sum, place) => sum + Buffer.byteLength(place) + 16, 0);
  if (bytes <= maxBytes) return;
  throw new HydrogenError(
    'too_large',
    `The catalog cannot keep track of ${places.length.toLocaleString('en')} folders and files. Ingest the folders that hold them instead of single files.`,
  );
}

const machine = hostname();

/** Device and inode tell folders of one machine apart: those of another are never the same. */
function ofMachine({ seen, ...place }: TrackedPath): TrackedPath {
  if (seen?.identity === undefined) return { ...place, ...(seen && { seen }) };
  return { ...place, seen: { ...seen, identity: `${seen.identity} on ${machine}` } };
}

function onMachine({ seen, ...place }: TrackedPath): TrackedPath {
  const here = ` on ${machine}`;
  if (!seen?.identity?.endsWith(here)) return { ...place, ...(seen && { seen }) };
  return { ...place, seen: { ...seen, identity: seen.identity.slice(0, -here.length) } };
}

const known = ({ revision, tracked, sources, places }: RegistryState): Known => ({
  ...{ revision, tracked, sources },
  places: places.map((place) => onMachine(JSON.parse(place) as TrackedPath)),
});

const placesOf = ({ places }: RegistryEntries): string[] =>
  places.map((place) => JSON.stringify(ofMachine(place)));

export function createRegistry(use: Use): Registry {
  /** Of lists that were handed out, what they were read from. */
  const readFrom = new WeakMap<readonly TrackedPath[], string>();

  const load = (call: Call): Promise<Known> =>
    use(call, async ({ state, options }) => {
      const found = await state.registry.findOne({ _id: 'registry' }, options());
      return found ? known(found) : { sources: [], places: [] };
    });

  /** False when another was faster. */
  function replace(before: Known, after: Omit<RegistryState, '_id'>, call: Call): Promise<boolean> {
    return use(call, async ({ state: { registry }, options }) => {
      if (before.revision === undefined) {
        try {
          await registry.insertOne({ _id: 'registry', ...after }, options());
          return true;
        } catch (error) {
          if (codeOf(error) !== duplicate) throw error;
        }
      } else {
        const asBefore = { _id: 'registry', revision: before.revision } as const;
        const { matchedCount } = await registry.updateOne(asBefore, { $set: after }, options());
        if (matchedCount === 1) return true;
      }
      // It may be this very change, whose answer was lost.
      const now = await registry.findOne({ _id: 'registry' }, { ...options(), projection: { revision: 1 } });
      return now?.revision === after.revision;
    });
  }

  return {
    async read(call) {
      const { tracked = '', ...entries } = await load(call);
      readFrom.set(entries.places, tracked);
      return entries;
    },
    async change(call, change) {
      for (;;) {
        throwIfCallEnded(call);
        const before = await load(call);
        const entries = change(before);
        if (entries === undefined) return;
        const places = placesOf(entries);
        assertFits(places);
        const isSame = JSON.stringify(places) === JSON.stringify(placesOf(before));
        const tracked = isSame ? (before.tracked ?? '') : newName();
        const { sources } = entries;
        if (isSame && JSON.stringify(sources) === JSON.stringify(before.sources)) return;
        if (await replace(before, { revision: newName(), tracked, sources, places }, call)) return;
      }
    },
    async hasOtherPlaces(places, call) {
      const tracked = readFrom.get(places);
      if (tracked === undefined) {
        const now = await load(call);
        return JSON.stringify(placesOf(now)) !== JSON.stringify(placesOf({ sources: [], places }));
      }
      return use(call, async ({ state, options }) => {
        const fields = { projection: { tracked: 1 } };
        const found = await state.registry.findOne({ _id: 'registry' }, { ...options(), ...fields });
        return (found?.tracked ?? '') !== tracked;
      });
    },
  };
}
