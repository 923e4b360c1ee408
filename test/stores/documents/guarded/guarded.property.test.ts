// The three properties of rules: an answer is that of a collection that holds only the rows and fields of the caller;
// nothing hidden is in any answer or error; and what is hidden cannot be told from what is missing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compileFilter,
  type Document,
  distinctValues,
  stringifyExtendedJson,
} from '../../../../src/mql/index.ts';
import { isDocument } from '../../../../src/mql/values/fields.ts';
import type { CollectionRule } from '../../../../src/policy/data-rules.ts';
import type { ChangeRequest, DocumentStore } from '../../../../src/stores/documents/document-store.ts';
import { withoutFields } from '../../../../src/stores/documents/guarded/reads.ts';
import { testCall } from '../../../support/call.ts';
import { repetitions } from '../../../support/repetitions.ts';
import { document, path, filter as rareFilter, pipeline as rarePipeline, sort } from '../properties/mixed.ts';
import { bounds, embeddedForFile, guardedBy, outcome, readerCall, watched } from './support.ts';

const numRuns = Number(process.env['PROPERTY_RUNS'] ?? repetitions(60, 120));
/** A thread answers each query; the script that asks for many runs says how long they may take. */
const timeout = process.env['PROPERTY_RUNS'] === undefined ? 120_000 : undefined;
const embedded = embeddedForFile();

/** Most random conditions match next to nothing, and their opposites nearly everything. */
const filter: fc.Arbitrary<Document> = fc.oneof(
  fc.constant({}),
  rareFilter.map((rare) => ({ $nor: [rare] })),
  rareFilter,
);
const pipeline = fc.tuple(rarePipeline, fc.boolean()).map(([stages, isOpposite]) =>
  stages.map((stage): Document => {
    const { $match } = stage;
    return isOpposite && $match !== undefined ? { $match: { $nor: [$match] } } : stage;
  }),
);

const hiddenPath = fc.constantFrom('a', 'b', 'c', 'a.b', 'a.a', 'b.c', 'a.b.c', 'c.a');
const rule: fc.Arbitrary<CollectionRule> = fc.record(
  { rows: fc.oneof(fc.constant({ owner: 1 }), filter), hidden: fc.uniqueArray(hiddenPath, { maxLength: 2 }) },
  { requiredKeys: ['hidden'] },
);

/** Named by what it asks, so that a counterexample shows it. */
interface Query {
  readonly ask: (store: DocumentStore, database: string) => Promise<unknown>;
}

const things = (database: string) => ({ database, collection: 'things' });
const join: fc.Arbitrary<Document> = fc.oneof(
  fc.constant({ $unionWith: 'others' }),
  pipeline.map((stages) => ({ $unionWith: { coll: 'others', pipeline: stages } })),
  pipeline.map((stages) => ({ $lookup: { from: 'others', pipeline: stages, as: 'joined' } })),
  fc.tuple(path, path, pipeline).map(([localField, foreignField, stages]) => ({
    $lookup: { from: 'others', localField, foreignField, let: { x: '$a' }, pipeline: stages, as: 'b' },
  })),
  fc.tuple(path, path, path, fc.option(filter)).map(([startWith, from, to, restriction]) => ({
    $graphLookup: {
      from: 'others',
      startWith: `$${startWith.replaceAll(/\.\d+/g, '')}`,
      connectFromField: from,
      connectToField: to,
      as: 'joined',
      ...(restriction && { restrictSearchWithMatch: restriction }),
    },
  })),
  pipeline.map((stages) => ({ $facet: { one: [{ $unionWith: { coll: 'others', pipeline: stages } }] } })),
);

/** Pipelines with joins of all kinds. */
const joining = fc
  .tuple(pipeline, fc.option(join, { freq: 3 }), fc.nat(3))
  .map(([stages, stage, at]) => (stage === null ? stages : stages.toSpliced(at, 0, stage)));

const projected = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(0, 1) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>('$a', '$$ROOT', { $slice: 1 }, { $slice: ['$a', 2] }, { b: 1 }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>({ $slice: [1, 1] }, { $elemMatch: { b: { $exists: true } } }),
  },
);
const projection = fc
  .uniqueArray(fc.tuple(fc.oneof(path, fc.constantFrom('z', '_id')), projected), {
    minLength: 1,
    maxLength: 3,
    selector: ([name]) => name,
  })
  .map((entries): Document => Object.fromEntries(entries));

const query: fc.Arbitrary<Query> = fc.oneof(
  {
    weight: 6,
    arbitrary: joining.map((stages) => ({
      stages,
      ask: (store: DocumentStore, database: string) =>
        store.aggregate({ ...things(database), pipeline: stages, ...bounds }, readerCall()),
    })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        filter,
        sort: fc.option(sort),
        projection: fc.option(projection),
        skip: fc.nat(3),
      })
      .map((asked) => ({ asked, ask: finding(asked) })),
  },
  {
    weight: 1,
    arbitrary: filter.map((where) => ({
      where,
      ask: (store: DocumentStore, database: string) =>
        store.count({ ...things(database), filter: where }, readerCall()),
    })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(path, filter).map(([key, where]) => ({
      key,
      where,
      ask: (store: DocumentStore, database: string) =>
        store.distinct({ ...things(database), key, filter: where, ...bounds }, readerCall()),
    })),
  },
);

interface Found {
  readonly filter: Document;
  readonly sort: Document | null;
  readonly projection: Document | null;
  readonly skip: number;
}

const finding =
  ({ sort: order, projection: shown, ...asked }: Found): Query['ask'] =>
  async (store, database) => {
    const { next: _, ...page } = await store.find(
      {
        ...things(database),
        ...asked,
        ...(order && { sort: order }),
        ...(shown && { projection: shown }),
        ...bounds,
      },
      readerCall(),
    );
    return page;
  };

const isValid = (rows: Document | undefined): boolean => {
  try {
    compileFilter(rows ?? {});
    return true;
  } catch {
    return false;
  }
};

/** What exists for the caller: its rows without the hidden fields. Undefined where the rows' filter fails on one. */
function visible(documents: readonly Document[], { rows = {}, hidden }: CollectionRule) {
  const matches = compileFilter(rows);
  try {
    return documents.filter((each) => matches(each)).map(withoutFields(hidden));
  } catch {
    return undefined;
  }
}

/** The same rule where its rows are all that there is: the filter may read fields that are hidden. */
const onVisible = ({ rows, hidden }: CollectionRule): CollectionRule =>
  rows === undefined ? { hidden } : { rows: { _id: { $exists: true } }, hidden };

async function fill(database: string, collection: string, documents: readonly Document[]): Promise<void> {
  await embedded().put({ database, collection }, documents, { drop: true }, testCall());
}

const documents = fc
  .array(fc.tuple(document, fc.constantFrom(1, 2)), { minLength: 2, maxLength: 10 })
  .map((list) => list.map(([each, owner], i): Document => ({ owner, ...each, _id: i })));

test(
  'an answer is that of a collection with only the rows and fields of the caller, and nothing tells that there is more',
  async () => {
    let answered = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        documents,
        documents,
        rule,
        rule,
        fc.array(query, { minLength: 1, maxLength: 6 }),
        async (some, others, rules, otherRules, queries) => {
          fc.pre(isValid(rules.rows) && isValid(otherRules.rows));
          const less = visible(some, rules);
          const otherLess = visible(others, otherRules);
          fc.pre(less !== undefined && otherLess !== undefined);
          await fill('whole', 'things', some);
          await fill('whole', 'others', others);
          await fill('lacks', 'things', less);
          await fill('lacks', 'others', otherLess);
          for (const { ask } of queries) {
            const [whole, lacks] = [watched(embedded()), watched(embedded())];
            const byRules = guardedBy(whole.store, { things: rules, others: otherRules });
            const byVisible = { things: onVisible(rules), others: onVisible(otherRules) };
            const ofWhole = await outcome(() => ask(byRules, 'whole'));
            const ofLacks = await outcome(() => ask(guardedBy(lacks.store, byVisible), 'lacks'));
            expect(ofWhole.replaceAll('whole', 'lacks')).toBe(ofLacks);
            expect(whole.asked).toEqual(lacks.asked);
            const plain = await outcome(() => ask(embedded(), 'lacks'));
            if (plain.startsWith('not_supported')) continue;
            if (ofWhole.startsWith('not_supported')) {
              refused++;
              continue;
            }
            answered++;
            if (/^bad_input/.test(plain)) expect(ofWhole).toMatch(/^bad_input/);
            else expect(ofWhole).toBe(plain);
          }
        },
      ),
      { numRuns },
    );
    // What is refused by name is the exception.
    expect(answered).toBeGreaterThan(4 * refused);
  },
  timeout,
);

/** The value with a text in place of every scalar. */
function marked(value: unknown, mark: string): unknown {
  if (Array.isArray(value)) return value.map((item) => marked(item, mark));
  if (!isDocument(value)) return mark;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, marked(inner, mark)]));
}

test(
  'no value of a hidden field or another row is in any answer or error',
  async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.array(query, { minLength: 1, maxLength: 6 }), async (some, queries) => {
        const mine = some.map((each) => ({
          ...each,
          _id: `mine-${String(each['_id'])}`,
          owner: 1,
          b: { ...(isDocument(each['b']) ? each['b'] : {}), c: 'HIDDEN-1' },
          c: marked(each['c'] ?? 1, 'HIDDEN-2'),
        }));
        const theirs = some.map((each) => ({
          ...(marked(each, 'HIDDEN-3') as Document),
          _id: `HIDDEN-${String(each['_id'])}`,
          owner: 2,
        }));
        await fill('marked', 'things', [...theirs, ...mine]);
        await fill('marked', 'others', [...mine, ...theirs]);
        const narrow = { rows: { owner: 1 }, hidden: ['c', 'b.c'] };
        const guarded = guardedBy(embedded(), { things: narrow, others: narrow });
        for (const { ask } of queries) {
          expect(await outcome(() => ask(guarded, 'marked'))).not.toContain('HIDDEN');
        }
      }),
      { numRuns },
    );
  },
  timeout,
);

const operand = fc.constantFrom<unknown>(1, 2, 'x', null, [1], { b: 1 });
const update = fc
  .tuple(
    fc.constantFrom('$set', '$unset', '$rename', '$push', '$pull', '$inc', '$max', '$setOnInsert'),
    fc.oneof(path, fc.constantFrom('owner', 'owner.x', 'a.$[].b', 'z')),
    operand,
    fc.constantFrom('a', 'c', 'owner', 'z', 'a.b'),
  )
  .map(
    ([operator, field, value, to]): Document => ({
      [operator]: { [field]: operator === '$rename' ? to : value },
    }),
  );

test(
  'a change leaves the rows of others, the hidden fields, and whose a row is, as they were',
  async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(
        documents,
        fc.uniqueArray(hiddenPath, { maxLength: 2 }),
        fc.array(fc.tuple(filter, fc.oneof(update, fc.constant(undefined)), fc.boolean()), { maxLength: 4 }),
        async (some, hidden, changes) => {
          await fill('written', 'things', some);
          const all = async () =>
            (await embedded().find({ ...things('written'), filter: {}, skip: 0, ...bounds }, testCall()))
              .documents;
          const guarded = guardedBy(embedded(), { things: { rows: { owner: 1 }, hidden } });
          const onlyHidden = (each: Document) =>
            hidden.map((field) => stringifyExtendedJson(distinctValues([each], field)));
          for (const [where, operators, many] of changes) {
            const before = await all();
            const target = { ...things('written'), filter: where, many };
            const change: ChangeRequest = operators
              ? { kind: 'update', ...target, update: operators, upsert: false }
              : { kind: 'delete', ...target };
            const told = await outcome(() => guarded.apply(change, { maxDocuments: 100 }, readerCall()));
            if (told.includes('"changed"')) made++;
            const after = await all();
            const mine = ({ owner }: Document) => owner === 1;
            expect(after.filter((each) => !mine(each))).toEqual(before.filter((each) => !mine(each)));
            const ids = new Map(before.map((each) => [each['_id'], each]));
            for (const each of after)
              expect(onlyHidden(each)).toEqual(onlyHidden(ids.get(each['_id']) ?? {}));
          }
        },
      ),
      { numRuns },
    );
    expect(made).toBeGreaterThan(numRuns / 4);
  },
  timeout,
);
