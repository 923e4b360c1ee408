import { join } from 'node:path';
import type { Call } from '../../../call.ts';
import { throwIfCallEnded } from '../../../call-end.ts';
import { HydrogenError } from '../../../errors.ts';
import { inlineSource } from '../../index/inline-source.ts';
import { pathsOfSource } from '../../index/paths-of-source.ts';
import type { Catalog, DocumentCatalog, Source, SourceSummary, TrackedPath } from '../../index/types.ts';
import type { createCounts } from './counts.ts';
import type { Registry, RegistryEntries } from './registry.ts';
import type { Use } from './session.ts';
import type { createDocumentWrites } from './write.ts';

type Sources = Pick<
  Catalog,
  | 'sources'
  | 'summaries'
  | 'source'
  | 'removeSource'
  | 'trackedPaths'
  | 'hasOtherTrackedPaths'
  | 'trackPaths'
  | 'saveStates'
> &
  Pick<DocumentCatalog, 'untrack'> & {
    /** @throws HydrogenError `conflict` when one of the sources is not there (any more) */
    assertKnown(names: ReadonlySet<string>, call: Call): Promise<void>;
  };

/** Documents of a source that are removed at a time. */
const batchSize = 500;

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function freeName(name: string, sources: readonly Source[]): string {
  const taken = new Set(sources.map((source) => source.name));
  let free = name;
  for (let suffix = 2; taken.has(free); suffix++) free = `${name}-${suffix}`;
  return free;
}

function withPlaces(places: readonly TrackedPath[], more: readonly TrackedPath[]): TrackedPath[] {
  const byPath = new Map([...places, ...more].map((place) => [place.path, place]));
  return [...byPath.values()].sort((a, b) => byText(a.path, b.path));
}

/** Without the tracked paths of a source. */
function untracked({ sources, places }: RegistryEntries, name: string): TrackedPath[] {
  const paths = new Set(
    pathsOfSource(
      places.map(({ path }) => path),
      name,
      sources,
    ),
  );
  return places.filter(({ path }) => !paths.has(path));
}

export function createSources(
  use: Use,
  registry: Registry,
  writes: ReturnType<typeof createDocumentWrites>,
  counted: Pick<ReturnType<typeof createCounts>, 'sources'>,
): Sources {
  async function removeDocuments(source: string | null, call: Call): Promise<number> {
    for (let removed = 0; ; ) {
      throwIfCallEnded(call);
      const some = await use(call, ({ documents, options }) =>
        documents.find({ source }, { ...options(), projection: { _id: 1 }, limit: batchSize }).toArray(),
      );
      if (some.length === 0) return removed;
      const ids = some.map(({ _id }) => _id);
      removed += (await writes.remove(ids, call)).length;
    }
  }

  return {
    async assertKnown(names, call) {
      if (names.size === 0) return;
      const known = new Set((await registry.read(call)).sources.map(({ name }) => name));
      const missing = [...names].find((name) => !known.has(name));
      if (missing === undefined) return;
      throw new HydrogenError(
        'conflict',
        `The source "${missing}" was removed while its documents were being read. Ingest its folder again if it is to stay.`,
      );
    },
    async sources(call) {
      const { sources } = await registry.read(call);
      return sources.map(({ name, root }) => ({ name, root })).sort((a, b) => byText(a.name, b.name));
    },
    async summaries(call) {
      const { sources } = await registry.read(call);
      const counts = new Map(
        [...(await counted.sources(call))].map(([name, n]) => [name ?? inlineSource, n]),
      );
      const roots = new Map(sources.map(({ name, root }) => [name, root]));
      // One whose removal was interrupted has documents only.
      const all = [...new Set([...roots.keys(), ...counts.keys()])].sort(byText);
      return all.map((name): SourceSummary => {
        const root = roots.get(name);
        const ofFolders = root?.startsWith('collection:') ? 'collection' : 'files';
        const kind = name === inlineSource && root === undefined ? 'inline' : ofFolders;
        return { name, kind, ...(counts.get(name) ?? { documents: 0, chunks: 0, indexedAt: 0 }) };
      });
    },
    async source(root, name, call) {
      let source: Source | undefined;
      await registry.change(call, ({ sources, places }) => {
        const known = sources.find((one) => one.root === root);
        source = known ?? { name: freeName(name, sources), root };
        return known ? undefined : { places, sources: [...sources, source] };
      });
      return source ?? { name, root };
    },
    async removeSource(name, call) {
      let isKnown = false;
      // Nothing is tracked any more before documents are removed, and the source stays until they all are: what was
      // interrupted is seen, and repeating it completes it.
      await registry.change(call, (entries) => {
        isKnown = entries.sources.some((source) => source.name === name);
        const places = untracked(entries, name);
        return places.length < entries.places.length ? { ...entries, places } : undefined;
      });
      const stored = name === inlineSource ? null : name;
      let removed = await removeDocuments(stored, call);
      if (isKnown) {
        await registry.change(call, (entries) => ({
          places: untracked(entries, name),
          sources: entries.sources.filter((source) => source.name !== name),
        }));
        // What another node wrote meanwhile.
        removed += await removeDocuments(stored, call);
      }
      await use(call, ({ positions, options }) => positions.deleteOne({ _id: name }, options()));
      return isKnown || removed > 0 ? removed : undefined;
    },
    trackedPaths: async (call) => (await registry.read(call)).places,
    hasOtherTrackedPaths: (known, call) => registry.hasOtherPlaces(known, call),
    trackPaths: (more, call) =>
      registry.change(call, ({ sources, places }) => ({ sources, places: withPlaces(places, more) })),
    saveStates: (states, call) =>
      registry.change(call, ({ sources, places }) => ({
        sources,
        places: places.map((place) => {
          const seen = states.get(place.path);
          return seen ? { ...place, seen } : place;
        }),
      })),
    async untrack(id, call) {
      const row = await use(call, ({ documents, options }) =>
        documents.findOne({ _id: id }, { ...options(), projection: { source: 1, path: 1 } }),
      );
      const { source, path } = row ?? {};
      if (typeof source !== 'string' || typeof path !== 'string') return;
      await registry.change(call, ({ sources, places }) => {
        const root = sources.find(({ name }) => name === source)?.root;
        const file = root === undefined ? undefined : join(root, ...path.split('/'));
        const left = places.filter((place) => place.path !== file);
        return left.length < places.length ? { sources, places: left } : undefined;
      });
    },
  };
}
