import type { Call } from '../../../call.ts';
import { badInput, HydrogenError, notSupported, reworded } from '../../../errors.ts';
import { compileFilter, type Document, prepareInsert } from '../../../mql/index.ts';
import { isDocument } from '../../../mql/values/fields.ts';
import type { CollectionRule } from '../../../policy/data-rules.ts';
import type {
  ChangeLimits,
  ChangeRequest,
  ChangeResult,
  ChangeTarget,
  DocumentStore,
  Namespace,
  Preview,
  UpdateRequest,
} from '../document-store.ts';
import { hasField, isRelated, pathsOfFilter, touches } from './paths.ts';
import { withoutFields } from './reads.ts';
import { assertCollation, assertSafe, both, isPlain, mayFail, narrowing } from './rule.ts';
import { ruleFor, type Visible } from './visible.ts';

/** Bytes of `_id`s that are looked up before a change. */
const maxIdBytes = 16 * 2 ** 20;

function refuse(reason: string): never {
  throw new HydrogenError('not_allowed', `Nothing was changed: ${reason}`);
}

/** The condition of the rows, for documents here; a rule that only a server understands allows no writing. */
function matcherOf(rows: Document): (document: Document) => boolean {
  try {
    return compileFilter(rows);
  } catch (error) {
    if (!(error instanceof HydrogenError) || error.code !== 'not_supported') throw error;
    return refuse('the rules for this collection cannot be checked against what is written.');
  }
}

/** The documents as they are stored. @throws HydrogenError `not_allowed` for one that the caller could not see itself */
function insertable(documents: readonly Document[], { rows, hidden }: CollectionRule): Document[] {
  const prepared = documents.map(prepareInsert);
  const matches = rows === undefined ? () => true : matcherOf(rows);
  for (const [i, document] of prepared.entries()) {
    const path = hidden.find((field) => hasField(document, field.split('.')));
    if (path !== undefined)
      refuse(`the field "${path}" may not be written with the rules for this collection.`);
    if (!matches(document)) {
      refuse(
        `document ${i + 1} of ${prepared.length} is none of those that the rules for this collection allow. Check the fields that say whose it is.`,
      );
    }
  }
  return prepared;
}

const isReplacement = (update: Document): boolean => !Object.keys(update)[0]?.startsWith('$');

/** The fields that operators change or read. @throws HydrogenError `bad_input` where a server might read them in another way */
function pathsOfUpdate(update: Document): string[] {
  return Object.entries(update).flatMap(([operator, fields]) => {
    if (!isDocument(fields))
      throw badInput(`${operator} takes a document of fields, as in {$set: {status: "done"}}.`);
    const moved = operator === '$rename' ? Object.values(fields).map(String) : [];
    return [...Object.keys(fields), ...moved];
  });
}

/** Conditions on elements see the whole element: none on an array with hidden fields in it. */
function checkArrayFilters(
  paths: readonly string[],
  arrayFilters: readonly Document[],
  { hidden }: CollectionRule,
): void {
  if (arrayFilters.length === 0) return;
  if (mayFail(arrayFilters))
    refuse('$expr is not supported in array filters with the rules for this collection.');
  for (const path of paths) {
    const at = path.split('.').findIndex((part) => part.startsWith('$['));
    const array = path.split('.').slice(0, at).join('.');
    if (at > 0 && touches([array], hidden)) {
      refuse(`array filters on "${array}" are not supported with the rules for this collection.`);
    }
  }
}

function checkReplacement(update: Document, { rows, hidden }: CollectionRule): void {
  if (hidden.length > 0)
    refuse('a replacement would also replace fields that you cannot see. Use update operators.');
  if (rows === undefined) return;
  const readsId = touches(pathsOfFilter(rows), ['_id']);
  if ((readsId && !Object.hasOwn(update, '_id')) || !matcherOf(rows)(update)) {
    refuse('the replacement is none of the documents that the rules for this collection allow.');
  }
}

function checkOperators(request: UpdateRequest, update: Document, rule: CollectionRule): void {
  const { rows, hidden } = rule;
  const paths = pathsOfUpdate(update);
  const hit = paths.find((path) => hidden.some((field) => isRelated(path, field)));
  if (hit !== undefined) refuse(`"${hit}" may not be changed with the rules for this collection.`);
  checkArrayFilters(paths, request.arrayFilters ?? [], rule);
  if (rows === undefined) return;
  const fixed = pathsOfFilter(rows);
  const moved = paths.find((path) => touches(fixed, [path]));
  if (moved !== undefined) {
    refuse(
      `"${moved}" may not be changed: it decides whose the document is by the rules for this collection.`,
    );
  }
  if (paths.some((path) => path.split('.').includes('$'))) {
    refuse('the positional "$" is not supported with the rules for this collection. Use array filters.');
  }
}

function checkUpdate(request: UpdateRequest, rule: CollectionRule): void {
  const { update, upsert } = request;
  if (Array.isArray(update)) {
    refuse('a pipeline is not supported with the rules for this collection. Use update operators.');
  }
  if (upsert && rule.rows !== undefined) {
    refuse(
      '"upsert" is not supported with the rules for this collection. Insert the document if nothing matches.',
    );
  }
  if (isReplacement(update as Document)) checkReplacement(update as Document, rule);
  else checkOperators(request, update as Document, rule);
}

/** The documents that match as far as the caller can see, by their `_id`s: the filter names what it cannot. */
async function byIds(
  store: DocumentStore,
  visible: Visible,
  target: ChangeTarget,
  rule: CollectionRule,
  { maxDocuments }: ChangeLimits,
  call: Call,
): Promise<Document> {
  if (target.collation !== undefined) {
    throw notSupported('A collation with this filter and the rules for this collection');
  }
  const pipeline = [
    ...narrowing(rule, mayFail(target.filter)),
    { $match: target.filter },
    ...(target.many ? [{ $sort: { _id: 1 } }] : []),
    { $project: { _id: 1 } },
  ];
  const limit = target.many ? maxDocuments + 1 : 1;
  const found = await store.aggregate(
    { ...visible.askedAs(target), pipeline, ahead: pipeline.length, limit, maxBytes: maxIdBytes },
    call,
  );
  if (found.cappedBy === 'bytes') {
    throw new HydrogenError('too_large', 'Nothing was changed: too much matches. Narrow the filter.');
  }
  return { _id: { $in: found.documents.map(({ _id }) => _id) } };
}

const namesElement = (request: UpdateRequest): boolean =>
  isDocument(request.update) && pathsOfUpdate(request.update).some((path) => path.split('.').includes('$'));

/** The change as it is asked of the store. @throws HydrogenError `not_allowed`, `not_supported` */
async function narrowedChange(
  store: DocumentStore,
  visible: Visible,
  change: ChangeRequest,
  limits: ChangeLimits,
  call: Call,
): Promise<ChangeRequest> {
  const rule = ruleFor(visible, change);
  const asked = { ...change, ...visible.askedAs(change) };
  if (isPlain(rule)) return asked;
  if (asked.kind === 'drop_collection' || asked.kind === 'drop_index') {
    return refuse('the rules for this collection allow no more than some of it to be changed.');
  }
  if (touches(['_id'], rule.hidden)) refuse('the rules for this collection hide its _id.');
  assertCollation(rule, asked.collation);
  const isUpdate = asked.kind === 'update';
  assertSafe(rule, asked.filter, isUpdate ? asked.arrayFilters : []);
  if (isUpdate) checkUpdate(asked, rule);
  const { filter } = asked;
  const isDirect = !touches(pathsOfFilter(filter), rule.hidden) && !mayFail(filter);
  if (isDirect) return { ...asked, filter: both(rule.rows, filter) };
  if (isUpdate && (asked.upsert || namesElement(asked))) {
    refuse(
      'this filter is not supported for an upsert or a positional "$" with the rules for this collection.',
    );
  }
  const ids = await byIds(store, visible, { ...asked, ...pick(change) }, rule, limits, call);
  return { ...asked, filter: both(rule.rows, ids) };
}

const pick = ({ database, collection }: Namespace): Namespace => ({ database, collection });

/** An index on a hidden field may be the cause, and the message would name it. */
function withoutIndex(error: unknown, { hidden }: CollectionRule): unknown {
  if (!(error instanceof HydrogenError) || error.code !== 'conflict' || error.reason !== undefined)
    return error;
  if (hidden.length === 0) return error;
  return reworded(
    error,
    'An _id or another unique value already exists. Some documents may have been written: check before you retry.',
  );
}

/**
 * Work on a change. Where the collection is there for the caller, what is not found is something in it.
 */
async function changed<T>(
  visible: Visible,
  namespace: Namespace,
  work: () => Promise<T>,
  call: Call,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HydrogenError && error.code === 'not_found') {
      const names = (await visible.collections(namespace.database, call)).map(({ name }) => name);
      throw names.includes(namespace.collection) ? error : await visible.missing([namespace], call);
    }
    throw withoutIndex(error, ruleFor(visible, namespace));
  }
}

/** What would create a collection that the caller may not have. */
async function assertThere(visible: Visible, namespace: Namespace, call: Call): Promise<void> {
  if (visible.ruleOf(namespace) === undefined) throw await visible.missing([namespace], call);
}

const mayCreate = (change: ChangeRequest): boolean => change.kind === 'update' && change.upsert;

export async function preview(
  store: DocumentStore,
  visible: Visible,
  change: ChangeRequest,
  limits: ChangeLimits,
  call: Call,
): Promise<Preview> {
  if (mayCreate(change)) await assertThere(visible, change, call);
  const found = await changed(
    visible,
    change,
    async () => store.preview(await narrowedChange(store, visible, change, limits, call), limits, call),
    call,
  );
  return { ...found, examples: found.examples.map(withoutFields(ruleFor(visible, change).hidden)) };
}

export async function apply(
  store: DocumentStore,
  visible: Visible,
  change: ChangeRequest,
  limits: ChangeLimits,
  call: Call,
): Promise<ChangeResult> {
  if (mayCreate(change)) await assertThere(visible, change, call);
  return changed(
    visible,
    change,
    async () => store.apply(await narrowedChange(store, visible, change, limits, call), limits, call),
    call,
  );
}

export async function insert(
  store: DocumentStore,
  visible: Visible,
  namespace: Namespace,
  documents: readonly Document[],
  call: Call,
): Promise<readonly unknown[]> {
  await assertThere(visible, namespace, call);
  const allowed = insertable(documents, ruleFor(visible, namespace));
  return changed(visible, namespace, () => store.insert(namespace, allowed, call), call);
}

/** For what changes a collection as a whole. @throws HydrogenError `not_allowed` where rules narrow it */
export async function assertWhole(visible: Visible, namespace: Namespace, call: Call): Promise<void> {
  await assertThere(visible, namespace, call);
  if (!isPlain(ruleFor(visible, namespace))) {
    refuse('the rules for this collection allow no more than some of it to be read or changed.');
  }
}
