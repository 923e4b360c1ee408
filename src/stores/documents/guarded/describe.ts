import { type Call, within } from '../../../call.ts';
import { HydrogenError, notSupported } from '../../../errors.ts';
import type { Document } from '../../../mql/index.ts';
import { describeSample, sampleBytes, sampleSize } from '../describe/fields.ts';
import { rangeLookups, withRanges } from '../describe/ranges.ts';
import { possibleReferences, withReferences } from '../describe/references.ts';
import type {
  CollectionDescription,
  CollectionEntry,
  DatabaseEntry,
  DocumentStore,
  ExplainQuery,
  Explanation,
  IndexEntry,
  Namespace,
} from '../document-store.ts';
import { pathToAbsent } from './paths.ts';
import { aggregate, count, find, rulesOfPipeline } from './reads.ts';
import { isPlain } from './rule.ts';
import { absentField, ruleFor, type Visible } from './visible.ts';

/** Time for one lookup of a range, ms: without it the range is that of the sample. */
const lookupMs = 3_000;

/** Databases with something for the caller. Their sizes are those of everything in them, so they are left out. */
export async function databases(visible: Visible, call: Call): Promise<readonly DatabaseEntry[]> {
  return (await visible.databases(call)).map(({ entry, collections }) => ({
    name: entry.name,
    collections: collections.length,
  }));
}

async function narrowedEntry(
  store: DocumentStore,
  visible: Visible,
  database: string,
  { name, view }: CollectionEntry,
  call: Call,
): Promise<CollectionEntry> {
  const documents = await count(store, visible, { database, collection: name, filter: {} }, call);
  return { name, documents, bytes: 0, narrowed: true, ...(view && { view }) };
}

export async function collections(
  store: DocumentStore,
  visible: Visible,
  database: string,
  call: Call,
): Promise<readonly CollectionEntry[]> {
  const listed = await visible.collections(database, call);
  if (listed.length === 0) throw await visible.missing([{ database, collection: '' }], call);
  const entries: CollectionEntry[] = [];
  for (const entry of listed) {
    const rule = ruleFor(visible, { database, collection: entry.name });
    entries.push(isPlain(rule) ? entry : await narrowedEntry(store, visible, database, entry, call));
  }
  return entries;
}

/** Whether an index holds a hidden field, as far as its key tells: that of a text index names none of its fields. */
const isHidden = ({ key }: IndexEntry, hidden: readonly string[]): boolean =>
  hidden.length > 0 &&
  Object.entries(key).some(
    ([path, kind]) => kind === 'text' || pathToAbsent(path, hidden, absentField) !== undefined,
  );

export async function indexes(
  store: DocumentStore,
  visible: Visible,
  namespace: Namespace,
  call: Call,
): Promise<readonly IndexEntry[]> {
  const { hidden } = ruleFor(visible, namespace);
  const all = await visible.found(() => [namespace], store.indexes(visible.askedAs(namespace), call), call);
  return all.filter((index) => !isHidden(index, hidden));
}

/** @throws HydrogenError `not_supported` where rules narrow a collection: the counts would tell of the rest of it */
export async function explain(
  store: DocumentStore,
  visible: Visible,
  query: ExplainQuery,
  call: Call,
): Promise<Explanation> {
  const { rules, others, pipeline } = rulesOfPipeline(visible, { ...query, pipeline: query.pipeline ?? [] });
  if (!rules.every(isPlain)) throw notSupported('explain with the rules for this collection');
  const asked = { ...query, ...visible.askedAs(query), ...(query.pipeline && { pipeline }) };
  return visible.found(() => [query, ...others], store.explain(asked, call), call);
}

/** The documents that are looked at: all where they are few. */
async function sampleOf(
  store: DocumentStore,
  visible: Visible,
  namespace: Namespace,
  documents: number,
  call: Call,
): Promise<readonly Document[]> {
  const bounds = { ...namespace, limit: sampleSize, maxBytes: sampleBytes };
  if (documents <= sampleSize) {
    return (await find(store, visible, { ...bounds, filter: {}, skip: 0 }, call)).documents;
  }
  const pipeline = [{ $sample: { size: sampleSize } }];
  return (await aggregate(store, visible, { ...bounds, pipeline }, call)).documents;
}

/** The first document of a lookup; undefined where it takes too long. */
async function firstOf(
  store: DocumentStore,
  visible: Visible,
  namespace: Namespace,
  lookup: { readonly filter: Document; readonly sort: Document; readonly projection: Document },
  call: Call,
): Promise<Document | undefined> {
  const query = { ...namespace, ...lookup, skip: 0, limit: 1, maxBytes: sampleBytes };
  try {
    return (await find(store, visible, query, within(call, lookupMs))).documents[0];
  } catch (error) {
    const isLate = error instanceof HydrogenError && error.code === 'timeout';
    if (isLate && !call.signal.aborted && Date.now() < call.deadline) return undefined;
    throw error;
  }
}

/** What the documents look like that exist for the caller; nothing in it is computed from others. */
async function describeNarrowed(
  store: DocumentStore,
  visible: Visible,
  namespace: Namespace,
  call: Call,
): Promise<CollectionDescription> {
  const { database, collection } = namespace;
  const listed = await visible.collections(database, call);
  const entry = listed.find(({ name }) => name === collection);
  if (entry === undefined) throw await visible.missing([namespace], call);
  const { documents, ...size } = await narrowedEntry(store, visible, database, entry, call);
  const found = describeSample(await sampleOf(store, visible, namespace, documents, call));
  const visibleIndexes = await indexes(store, visible, namespace, call);
  const others = listed.filter(({ name, view }) => !view && name !== collection).map(({ name }) => name);
  const confirmed = [];
  for (const reference of possibleReferences(found, others)) {
    const target = { database, collection: reference.collection };
    const filter = { _id: { $in: [...reference.ids] } };
    const there = await count(store, visible, { ...target, filter }, call);
    if (there >= reference.minFound) confirmed.push(reference);
  }
  const ranges = new Map<string, readonly [Document | undefined, Document | undefined]>();
  for (const { path, smallest, largest } of rangeLookups(found, documents, visibleIndexes)) {
    ranges.set(path, [
      await firstOf(store, visible, namespace, smallest, call),
      await firstOf(store, visible, namespace, largest, call),
    ]);
  }
  const { values: _values, ...rest } = found;
  return {
    ...size,
    documents,
    indexes: visibleIndexes,
    ...rest,
    fields: withReferences(withRanges(found, documents, ranges), confirmed),
  };
}

export async function describe(
  store: DocumentStore,
  visible: Visible,
  namespace: Namespace,
  call: Call,
): Promise<CollectionDescription> {
  if (!isPlain(ruleFor(visible, namespace))) return describeNarrowed(store, visible, namespace, call);
  const { database } = namespace;
  const found = await visible.found(
    () => [namespace],
    store.describe(visible.askedAs(namespace), call),
    call,
  );
  // A reference was confirmed in the whole of the other collection.
  const isWhole = (collection: string): boolean => {
    const rule = visible.ruleOf({ database, collection });
    return rule !== undefined && isPlain(rule);
  };
  const fields = found.fields.map(({ references, ...field }) =>
    references !== undefined && isWhole(references) ? { ...field, references } : field,
  );
  return { ...found, fields };
}
