import type { Call, Operation } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import type { Document } from '../mql/formats.ts';
import type { SourceRule } from '../policy/roles.ts';
import type { DocumentEntry, Library, SearchAnswer, SearchRequest } from './types.ts';

/** What a caller may see of the library. */
export interface LibraryRules {
  /** undefined: the source does not exist for the caller. */
  source(name: string, operation: Operation): SourceRule | undefined;
  /** Whether the caller's roles name sources, or rows of them. */
  areSourcesNarrowed(operation: Operation): boolean;
}

/** Documents that are looked at in one turn. */
const atATime = 500;

const sourceOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf('/')));

function missing(id: string): HydrogenError {
  return new HydrogenError('not_found', `There is no document "${id}". list_documents shows the ids.`);
}

const refusal = (what: string): HydrogenError =>
  new HydrogenError('not_allowed', `${what} is for callers whose roles do not narrow the library.`);

/**
 * The library as a caller sees and changes it whose roles narrow it. Where they narrow what it reads, other sources and
 * documents do not exist, and answers have no scores and say nothing of the index as a whole, since both are made of all
 * passages.
 * @param foreign the names of the collections that others fill
 */
export function narrowedLibrary(library: Library, rules: LibraryRules, foreign: readonly string[]): Library {
  const ruleOf = (name: string): SourceRule | undefined => rules.source(name, 'read');
  const isForeign = (id: string): boolean => foreign.includes(sourceOf(id));
  async function visible(entries: readonly DocumentEntry[]): Promise<readonly DocumentEntry[]> {
    const { isInRows } = await import('./source-rows.ts');
    return entries.filter((entry) => {
      const rule = ruleOf(sourceOf(entry.id));
      return rule !== undefined && isInRows(rule, entry);
    });
  }

  /** The sources of the library itself that exist for the caller, by name. */
  async function visibleSources(call: Call): Promise<ReadonlyMap<string, SourceRule>> {
    const names = (await library.sources(call)).map(({ name }) => name);
    const known = names.flatMap((name): [string, SourceRule][] => {
      const rule = ruleOf(name);
      return rule ? [[name, rule]] : [];
    });
    return new Map(known);
  }

  /** What only documents match that exist for the caller. */
  async function visibleOnly(call: Call): Promise<Document> {
    const sources = [...(await visibleSources(call))];
    const whole = sources.filter(([, { rows }]) => !rows).map(([name]) => name);
    const parts = sources.flatMap(([name, { rows }]) => (rows ? [{ $and: [{ source: name }, rows] }] : []));
    return { $or: [{ source: { $in: whole } }, ...parts] };
  }

  /** A document of the library itself. The same is looked at whether it does not exist, or not for the caller. */
  async function entryOf(id: string, call: Call): Promise<DocumentEntry> {
    const { documents } = await library.list({ within: id, limit: 1 }, call);
    const [entry] = await visible(documents);
    if (entry?.id !== id) throw missing(id);
    return entry;
  }

  async function assertVisible(id: string, call: Call): Promise<void> {
    if (!isForeign(id)) await entryOf(id, call);
    else if (!ruleOf(sourceOf(id))) throw missing(id);
  }

  async function search(request: SearchRequest, call: Call): Promise<SearchAnswer> {
    if (request.explain) throw refusal('`explain`, which shows how scores are made,');
    if (request.minSimilarity !== undefined) throw refusal('min_similarity, which compares with a score,');
    const { within = '' } = request;
    const named = foreign.filter((name) => within.startsWith(`${name}/`));
    const isElsewhere = named.some((name) => ruleOf(name) !== undefined);
    const own: SearchRequest = {
      ...request,
      isOwnOnly: true,
      isNarrowed: true,
      filter: { $and: [await visibleOnly(call), request.filter ?? {}] },
    };
    const answer = await library.search(isElsewhere ? { ...request, isNarrowed: true } : own, call);
    const apart = foreign.filter((name) => ruleOf(name) && `${name}/`.startsWith(within));
    const note = `Not searched: ${apart.map((name) => `"${name}"`).join(', ')}; search within "${apart[0]}/".`;
    return {
      ...answer,
      hits: answer.hits.map(({ score: _score, similarity: _similarity, parts: _parts, ...hit }) => hit),
      notes: isElsewhere || apart.length === 0 ? answer.notes : [...answer.notes, note],
    };
  }

  /** All documents within a prefix that exist for the caller, in order of id. */
  async function* documentsIn(
    within: string,
    after: string | undefined,
    call: Call,
  ): AsyncGenerator<DocumentEntry> {
    let last = after;
    for (;;) {
      const position = last === undefined ? {} : { after: last };
      const { documents, more } = await library.list({ within, limit: atATime, ...position }, call);
      yield* await visible(documents);
      last = documents.at(-1)?.id;
      if (!more || last === undefined) return;
    }
  }

  async function countIn({ rows }: SourceRule, within: string, call: Call): Promise<number> {
    if (!rows) return (await library.list({ within, limit: 1 }, call)).total;
    let count = 0;
    for await (const _ of documentsIn(within, undefined, call)) count++;
    return count;
  }

  /** The sources with documents within a prefix, each with the part of it that is theirs, in order of their ids. */
  async function partsWithin(within: string, call: Call) {
    const parts = [...(await visibleSources(call))].flatMap(([name, rule]) => {
      const all = `${name}/`;
      if (!within.startsWith(all) && !all.startsWith(within)) return [];
      return [{ name, rule, inside: within.startsWith(all) ? within : all }];
    });
    return parts.sort((a, b) => (a.inside < b.inside ? -1 : 1));
  }

  async function listOwn(
    { within = '', after, limit }: Parameters<Library['list']>[0],
    call: Call,
  ): ReturnType<Library['list']> {
    const found: DocumentEntry[] = [];
    let total = 0;
    for (const { name, rule, inside } of await partsWithin(within, call)) {
      total += await countIn(rule, inside, call);
      const isBehind = after !== undefined && after > inside && sourceOf(after) !== name;
      if (isBehind || found.length > limit) continue;
      for await (const entry of documentsIn(inside, after, call)) {
        if (found.push(entry) > limit) break;
      }
    }
    return { documents: found.slice(0, limit), total, more: found.length > limit };
  }

  const list: Library['list'] = (request, call) => {
    const { within = '' } = request;
    const isElsewhere = foreign.some((name) => within.startsWith(`${name}/`) && ruleOf(name));
    return isElsewhere ? library.list(request, call) : listOwn(request, call);
  };

  async function assertChangeable(operation: Operation, id: string, call: Call): Promise<void> {
    const rule = rules.source(sourceOf(id), operation);
    await assertVisible(id, call);
    if (!rule || rule.rows) throw refusal(`Changing "${sourceOf(id)}"`);
  }

  function assertWhole(what: string): void {
    if (rules.areSourcesNarrowed('ingest')) throw refusal(what);
  }

  const reading: Partial<Library> = {
    search,
    list,
    async get(id, request, call) {
      await assertVisible(id, call);
      return library.get(id, request, call);
    },
    async similar(id, request, call) {
      await assertVisible(id, call);
      const filter = isForeign(id) ? {} : { filter: await visibleOnly(call) };
      const found = await library.similar(id, { ...request, ...filter }, call);
      return found.map(({ similarity: _similarity, ...document }) => document);
    },
    async sources(call) {
      const visible = await visibleSources(call);
      const all = await library.sources(call);
      return Promise.all(
        all
          .filter(({ name }) => visible.has(name))
          .map(async (source) => {
            if (!visible.get(source.name)?.rows) return source;
            let [documents, chunks, indexedAt] = [0, 0, 0];
            for await (const entry of documentsIn(`${source.name}/`, undefined, call)) {
              documents++;
              chunks += entry.chunks;
              indexedAt = Math.max(indexedAt, Date.parse(entry.indexedAt ?? '') || 0);
            }
            // Which of them have a vector is known of the whole source only.
            return { ...source, documents, chunks, embedded: chunks, indexedAt };
          }),
      );
    },
    elsewhere: async (call) => (await library.elsewhere(call)).filter(({ name }) => ruleOf(name)),
    async absences(call, paths) {
      const absences = await library.absences(call, paths);
      return absences.filter(({ prefix }) => {
        const rule = ruleOf(sourceOf(prefix) || prefix);
        return rule && !rule.rows;
      });
    },
    places: async () => [],
    async remarked() {
      throw refusal('The list of documents with remarks');
    },
    async status() {
      throw refusal('The state of the whole library');
    },
  };

  return {
    ...library,
    ...(rules.areSourcesNarrowed('read') && reading),
    ingest(paths, call, options) {
      assertWhole('Reading files');
      return library.ingest(paths, call, options);
    },
    refresh(call) {
      assertWhole('Reading all files again');
      return library.refresh(call);
    },
    reindex(call) {
      assertWhole('`reindex`');
      return library.reindex(call);
    },
    async add(document, call) {
      const rule = rules.source('inline', 'ingest');
      if (!rule || rule.rows) throw refusal('Adding documents to the source "inline"');
      return library.add(document, call);
    },
    async remove(id, call) {
      await assertChangeable('ingest', id, call);
      return library.remove(id, call);
    },
    async removeSource(name, call) {
      const visible = [...(await visibleSources(call)).keys()];
      const known = visible.map((one) => `"${one}"`).join(', ') || 'none';
      if (!visible.includes(name)) {
        throw new HydrogenError('not_found', `There is no source "${name}". Sources: ${known}.`);
      }
      const rule = rules.source(name, 'ingest');
      if (!rule || rule.rows) throw refusal(`Changing "${name}"`);
      return library.removeSource(name, call);
    },
  };
}
