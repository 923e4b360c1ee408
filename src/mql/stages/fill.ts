import { badInput } from '../../errors.ts';
import { compileExpression } from '../expressions/compile.ts';
import { namedArguments } from '../expressions/operator.ts';
import { parseAddFields } from '../projection/parse.ts';
import { parseSort } from '../sort/comparator.ts';
import type { Document } from '../types.ts';
import { getField, isDocument, setField } from '../values/fields.ts';
import { setWindowFields } from '../windows/stage.ts';
import { fieldPath } from './lookup.ts';
import { each, type StageFamily, type StageOperator } from './stage.ts';
import { withValue } from './unwind.ts';

const METHODS = new Map([
  ['linear', '$linearFill'],
  ['locf', '$locf'],
]);

/** Fills null and missing values: $setWindowFields for methods, then $addFields for values. */
const $fill: StageOperator = (argument, context, name) => {
  const args = namedArguments(name, argument, ['output'], ['sortBy', 'partitionBy', 'partitionByFields']);
  const output = args.get('output');
  if (!isDocument(output) || Object.keys(output).length === 0) {
    throw badInput('"output" of $fill must be a document with at least one field.');
  }
  const functions: Document = {};
  const values: Document = {};
  for (const field of Object.keys(output)) {
    const how = namedArguments(`"${field}" of $fill`, getField(output, field), [], ['method', 'value']);
    if (how.size !== 1) throw badInput(`"${field}" of $fill takes either "method" or "value".`);
    if (how.has('value')) setField(values, field, { $ifNull: [`$${field}`, how.get('value')] });
    else {
      const method = METHODS.get(String(how.get('method')));
      if (method === undefined) throw badInput(`"method" of "${field}" must be "linear" or "locf".`);
      setField(functions, field, { [method]: `$${field}` });
    }
  }
  if (context.place === 'update' && Object.keys(functions).length > 0) {
    throw badInput('$fill in an update takes "value" only: its methods need other documents.');
  }
  const partitionBy = partition(args, name);
  const sortBy = args.get('sortBy');
  // Both are checked even if unused.
  compileExpression(partitionBy ?? null, context.scope);
  if (sortBy !== undefined) parseSort(sortBy as Document);
  const addValues = Object.keys(values).length > 0 ? each(parseAddFields(values, context.scope)) : undefined;
  const windows =
    Object.keys(functions).length > 0
      ? setWindowFields['$setWindowFields']?.(
          {
            ...(partitionBy !== undefined && { partitionBy }),
            ...(sortBy !== undefined && { sortBy }),
            output: functions,
          },
          context,
          name,
        )
      : undefined;
  return (input) => {
    const filled = windows?.(input) ?? input;
    return addValues?.(filled) ?? filled;
  };
};

function partition(args: ReadonlyMap<string, unknown>, name: string): unknown {
  const by = args.get('partitionBy');
  const fields = args.get('partitionByFields');
  if (fields === undefined) return by;
  if (by !== undefined) throw badInput('$fill takes "partitionBy" or "partitionByFields", not both.');
  if (!Array.isArray(fields)) throw badInput('"partitionByFields" of $fill must be an array of fields.');
  return fields.reduce<Document>((key, field) => {
    const path = fieldPath(field, 'partitionByFields', name);
    return withValue(key, path.split('.'), `$${path}`);
  }, {});
}

export const fill: StageFamily = { $fill };
