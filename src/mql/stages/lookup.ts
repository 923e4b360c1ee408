import { badInput } from '../../errors.ts';
import { compileExpression } from '../expressions/compile.ts';
import { namedArguments } from '../expressions/operator.ts';
import { type Cell, withVariables } from '../expressions/scope.ts';
import { checkVariableName } from '../expressions/variables.ts';
import type { Document } from '../types.ts';
import { getField, isDocument, isFieldPath } from '../values/fields.ts';
import { approximateSize, createBudget } from '../values/size.ts';
import { isNullish } from '../values/types.ts';
import { equalityJoin, type Join } from './equality-join.ts';
import type { Stage, StageContext, StageFamily, StageOperator } from './stage.ts';
import { withValue } from './unwind.ts';

const ARGUMENTS = ['from', 'localField', 'foreignField', 'let', 'pipeline'];

/** The path in "as". */
export function targetPath(as: unknown, name: string): string[] {
  if (!isFieldPath(as)) throw badInput(`"as" of ${name} must be the name of a field.`);
  return as.split('.');
}

/** An argument that is a field path, without $. */
export function fieldPath(value: unknown, field: string, name: string): string {
  if (!isFieldPath(value)) {
    throw badInput(`"${field}" of ${name} must be the path of a field, without $.`);
  }
  return value;
}

const $lookup: StageOperator = (argument, context, name) => {
  const args = namedArguments(name, argument, ['as'], ARGUMENTS);
  const as = targetPath(args.get('as'), name);
  const isSet = (field: string): boolean => !isNullish(args.get(field)) && args.get(field) !== '';
  const joined = isSet('localField') || isSet('foreignField');
  if (joined && !(isSet('localField') && isSet('foreignField'))) {
    throw badInput('$lookup needs "localField" and "foreignField" together.');
  }
  if (!joined && !args.has('pipeline'))
    throw badInput('$lookup needs localField and foreignField, or a pipeline.');
  const from = args.get('from');
  const startsWithDocuments = firstStage(args.get('pipeline')) === '$documents';
  if (startsWithDocuments ? from !== undefined : typeof from !== 'string') {
    throw badInput(
      '$lookup needs the name of a collection as "from", or a pipeline that begins with $documents.',
    );
  }
  const inline = joined && startsWithDocuments ? inlineDocuments(args, context) : undefined;
  const sub = subPipeline(
    inline === undefined ? args : new Map([...args, ['pipeline', inline.rest]]),
    context,
  );
  const foreign = (filter?: Document): Iterable<Document> => {
    if (typeof from === 'string') return context.collection(from, filter);
    return inline === undefined ? [] : inline.documents();
  };
  const join = joined ? byFields(args, foreign, context, name) : everything(foreign, context, name);
  return function* (input) {
    for (const [doc, found] of join(input)) {
      sub.bind(doc);
      const budget = createBudget(name, context.scope.limits);
      const results: Document[] = [];
      for (const result of sub.run(found)) {
        budget.add(approximateSize(result));
        results.push(result);
      }
      yield withValue(doc, as, results);
    }
  };
};

/** The documents of a pipeline that begins with them, and the stages behind. */
function inlineDocuments(args: ReadonlyMap<string, unknown>, context: StageContext) {
  const [first, ...rest] = args.get('pipeline') as unknown[];
  const documents = context.pipeline([first], 'lookup', context.scope);
  return { documents: () => documents([]), rest };
}

/** The name of a pipeline's first stage. */
export function firstStage(pipeline: unknown): string | undefined {
  const first = Array.isArray(pipeline) ? pipeline[0] : undefined;
  return isDocument(first) ? Object.keys(first)[0] : undefined;
}

function subPipeline(args: ReadonlyMap<string, unknown>, context: StageContext) {
  const vars = args.get('let') ?? {};
  if (!isDocument(vars)) throw badInput('"let" of $lookup must be a document.');
  if (args.has('let') && !args.has('pipeline')) throw badInput('"let" of $lookup needs a "pipeline".');
  const bindings = Object.keys(vars).map((variable) => {
    checkVariableName(variable);
    const cell: Cell = { value: undefined };
    return { variable, cell, value: compileExpression(getField(vars, variable), context.scope) };
  });
  const scope = withVariables(
    context.scope,
    bindings.map(({ variable, cell }) => [variable, cell] as const),
  );
  const pipeline = args.get('pipeline');
  const run: Stage = pipeline === undefined ? (input) => input : context.pipeline(pipeline, 'lookup', scope);
  return {
    run,
    bind(doc: Document): void {
      for (const { cell, value } of bindings) cell.value = value(doc);
    },
  };
}

/** Equality of two fields. */
function byFields(
  args: ReadonlyMap<string, unknown>,
  foreign: (filter?: Document) => Iterable<Document>,
  context: StageContext,
  name: string,
): Join {
  const localPath = fieldPath(args.get('localField'), 'localField', name).split('.');
  const foreignPath = fieldPath(args.get('foreignField'), 'foreignField', name);
  return equalityJoin({ localPath, foreignPath, foreign }, name, context.scope);
}

/** Joins every document with the whole foreign collection, which is read once. */
function everything(foreign: () => Iterable<Document>, context: StageContext, name: string): Join {
  let docs: Document[] | undefined;
  const all = (): Iterable<Document> => {
    if (docs === undefined) {
      const budget = createBudget(name, context.scope.limits);
      docs = [];
      for (const doc of foreign()) {
        budget.add(approximateSize(doc));
        docs.push(doc);
      }
    }
    return ticking(docs, context);
  };
  return function* (input) {
    for (const doc of input) yield [doc, all()];
  };
}

function* ticking(docs: Iterable<Document>, { scope }: StageContext): Generator<Document> {
  for (const doc of docs) {
    scope.limits.tick();
    yield doc;
  }
}

export const lookup: StageFamily = { $lookup };
