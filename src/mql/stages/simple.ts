import { badInput } from '../../errors.ts';
import { compileExpression } from '../expressions/compile.ts';
import { type Cell, withVariables } from '../expressions/scope.ts';
import { parseAddFields, parseProjection, parseUnset } from '../projection/parse.ts';
import { compileScopedFilter } from '../query/filter.ts';
import type { Document } from '../types.ts';
import { getField, isDocument, setField } from '../values/fields.ts';
import { integer, roundedNumber } from '../values/numbers.ts';
import { approximateSize, createBudget } from '../values/size.ts';
import { typeName } from '../values/types.ts';
import { each, type StageFamily, type StageOperator, wholeNumber } from './stage.ts';

function documentArgument(argument: unknown, name: string): Document {
  if (isDocument(argument)) return argument;
  throw badInput(`${name} needs a document, not ${typeName(argument)}.`);
}

const $match: StageOperator = (argument, { scope }, name) => {
  const matches = compileScopedFilter(documentArgument(argument, name), scope);
  return function* (input) {
    for (const doc of input) if (matches(doc, undefined)) yield doc;
  };
};

const $project: StageOperator = (argument, { scope }, name) => {
  const spec = documentArgument(argument, name);
  if (Object.keys(spec).length === 0) throw badInput('$project needs at least one field.');
  return each(parseProjection(spec, scope));
};

const $addFields: StageOperator = (argument, { scope }, name) => {
  return each(parseAddFields(documentArgument(argument, name), scope));
};

const $unset: StageOperator = (argument) => {
  const paths = Array.isArray(argument) ? argument : [argument];
  if (paths.length === 0 || !paths.every((path) => typeof path === 'string' && path !== '')) {
    throw badInput('$unset needs the name of a field, or an array of names.');
  }
  return each(parseUnset(paths));
};

const $limit: StageOperator = (argument, _context, name) => {
  const limit = wholeNumber(argument, name, 1);
  return function* (input) {
    let count = 0;
    for (const doc of input) {
      yield doc;
      if (++count >= limit) return;
    }
  };
};

const $skip: StageOperator = (argument, _context, name) => {
  const skipped = wholeNumber(argument, name, 0);
  return function* (input) {
    let count = 0;
    for (const doc of input) if (++count > skipped) yield doc;
  };
};

const $count: StageOperator = (argument) => {
  if (typeof argument !== 'string' || argument === '' || /^\$|[.\0]/.test(argument)) {
    throw badInput('$count needs a non-empty field name that does not start with $ and has no dots.');
  }
  if (argument === '_id') throw badInput('$count cannot name its field "_id".');
  return function* (input) {
    let count = 0;
    for (const _doc of input) count++;
    if (count === 0) return;
    const result: Document = {};
    setField(result, argument, integer(BigInt(count)));
    yield result;
  };
};

/** Samples without replacement, by reservoir sampling. */
const $sample: StageOperator = (argument, { scope }, name) => {
  const spec = documentArgument(argument, name);
  const unknown = Object.keys(spec).find((field) => field !== 'size');
  if (unknown !== undefined) throw badInput(`$sample has no argument "${unknown}". It takes size.`);
  const size = roundedNumber(spec['size']);
  if (!(size >= 1)) throw badInput('"size" of $sample needs a whole number of at least 1.');
  return function* (input) {
    const budget = createBudget(name, scope.limits);
    const sample: Document[] = [];
    let seen = 0;
    for (const doc of input) {
      const place = Math.floor(Math.random() * ++seen);
      if (sample.length < size) {
        budget.add(approximateSize(doc));
        sample.push(doc);
        const last = sample.length - 1;
        [sample[last], sample[place]] = [sample[place] as Document, doc];
      } else if (place < size) sample[place] = doc;
    }
    yield* sample;
  };
};

function replacement(argument: unknown, { scope }: Parameters<StageOperator>[1], name: string) {
  const root = compileExpression(argument, scope);
  return each((doc) => {
    const next = root(doc);
    if (isDocument(next)) return next;
    throw badInput(
      `${name} must give a document, not ${typeName(next)}. Use $mergeObjects or $ifNull for a default.`,
    );
  });
}

const $replaceRoot: StageOperator = (argument, context, name) => {
  const spec = documentArgument(argument, name);
  const names = Object.keys(spec);
  if (names.length !== 1 || names[0] !== 'newRoot')
    throw badInput('$replaceRoot takes {newRoot: expression}.');
  return replacement(spec['newRoot'], context, name);
};

const DESCEND = Symbol('$$DESCEND');
const PRUNE = Symbol('$$PRUNE');
const KEEP = Symbol('$$KEEP');

/** Keeps, prunes or descends into a document and its subdocuments, level by level. */
const $redact: StageOperator = (argument, { scope }) => {
  const current: Cell = { value: undefined };
  const inner = withVariables(scope, [
    ['CURRENT', current],
    ['DESCEND', { value: DESCEND }],
    ['PRUNE', { value: PRUNE }],
    ['KEEP', { value: KEEP }],
  ]);
  const decide = compileExpression(argument, inner);
  const inside = (value: unknown, root: Document): unknown => {
    if (isDocument(value)) return redact(value, root);
    if (!Array.isArray(value)) return value;
    return value.map((item) => inside(item, root)).filter((item) => item !== undefined);
  };
  const redact = (doc: Document, root: Document): Document | undefined => {
    current.value = doc;
    const decision = decide(root);
    if (decision === KEEP) return doc;
    if (decision === PRUNE) return undefined;
    if (decision !== DESCEND) throw badInput('$redact must give $$DESCEND, $$PRUNE or $$KEEP.');
    const result: Document = {};
    for (const name of Object.keys(doc)) {
      const value = inside(getField(doc, name), root);
      if (value !== undefined) setField(result, name, value);
    }
    return result;
  };
  return function* (input) {
    for (const doc of input) {
      const result = redact(doc, doc);
      if (result !== undefined) yield result;
    }
  };
};

const $documents: StageOperator = (argument, { scope }) => {
  const list = compileExpression(argument, scope);
  return function* () {
    const docs = list({});
    if (!Array.isArray(docs) || !docs.every(isDocument))
      throw badInput('$documents needs an array of documents.');
    yield* docs;
  };
};

export const simple: StageFamily = {
  $match,
  $project,
  $addFields,
  $set: $addFields,
  $unset,
  $limit,
  $skip,
  $count,
  $sample,
  $replaceRoot,
  $replaceWith: replacement,
  $redact,
  $documents,
};
