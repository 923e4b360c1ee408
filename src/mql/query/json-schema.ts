import { badInput, notSupported } from '../../errors.ts';
import type { Document } from '../types.ts';
import { coerceToDecimal, numericOperand, remainder } from '../values/arithmetic.ts';
import { compareValues } from '../values/compare.ts';
import { getField, isDocument, setField } from '../values/fields.ts';
import { hashKey } from '../values/key-string.ts';
import { isNaNValue, isZero, type Numeric, toInteger } from '../values/numbers.ts';
import { compileRegex } from '../values/regex.ts';
import { testText } from '../values/regex-watch.ts';
import { isNumeric } from '../values/types.ts';
import type { TopOperator } from './context.ts';
import { bsonTypeTest } from './element.ts';

type Check = (value: unknown) => boolean;
type Keyword = (operand: unknown, schema: Document, path: string) => Check;

const fail = (path: string, what: string) => badInput(`$jsonSchema${path}: ${what}.`);

const JSON_TYPES: { readonly [name: string]: string } = {
  object: 'object',
  array: 'array',
  number: 'number',
  boolean: 'bool',
  string: 'string',
  null: 'null',
};

function typeCheck(operand: unknown, path: string, known: (name: string) => string | undefined): Check {
  const names = Array.isArray(operand) ? operand : [operand];
  if (names.length === 0) throw fail(path, 'needs at least one type');
  const tests = names.map((name) => {
    const bson = typeof name === 'string' ? known(name) : undefined;
    if (bson === undefined) throw fail(path, `"${String(name)}" is not a type here`);
    return bsonTypeTest(bson);
  });
  return (value) => tests.some((test) => test(value));
}

function count(operand: unknown, path: string): number {
  const number = toInteger(operand);
  if (number === undefined || number < 0n) throw fail(path, 'needs a non-negative whole number');
  return Number(number);
}

/** A size limit; values of other types pass. */
function sized(
  measure: (value: unknown) => number | undefined,
  holds: (size: number, limit: number) => boolean,
): Keyword {
  return (operand, _schema, path) => {
    const limit = count(operand, path);
    return (value) => {
      const size = measure(value);
      return size === undefined || holds(size, limit);
    };
  };
}

const atLeast = (size: number, limit: number): boolean => size >= limit;
const atMost = (size: number, limit: number): boolean => size <= limit;
const characters = (value: unknown): number | undefined =>
  typeof value === 'string' ? [...value].length : undefined;
const items = (value: unknown): number | undefined => (Array.isArray(value) ? value.length : undefined);
const fields = (value: unknown): number | undefined =>
  isDocument(value) ? Object.keys(value).length : undefined;

function bound(direction: 1 | -1, exclusive: string): Keyword {
  return (operand, schema, path) => {
    if (!isNumeric(operand)) throw fail(path, 'needs a number');
    const strict = schema[exclusive] ?? false;
    if (typeof strict !== 'boolean') throw fail(path, `"${exclusive}" must be true or false`);
    return (value) => {
      if (!isNumeric(value)) return true;
      if (isNaNValue(value) !== isNaNValue(operand)) return false;
      const order = compareValues(value, operand) * direction;
      return strict ? order > 0 : order >= 0;
    };
  };
}

const beside =
  (other: string): Keyword =>
  (operand, schema, path) => {
    if (typeof operand !== 'boolean') throw fail(path, 'must be true or false');
    if (!Object.hasOwn(schema, other)) throw fail(path, `needs "${other}" beside it`);
    return () => true;
  };

function schemas(operand: unknown, path: string): Check[] {
  if (!Array.isArray(operand) || operand.length === 0) throw fail(path, 'needs an array of schemas');
  return operand.map((schema, i) => compileSchema(schema, `${path}[${i}]`));
}

function named(operand: unknown, path: string): (readonly [name: string, schema: unknown])[] {
  if (!isDocument(operand)) throw fail(path, 'needs a document');
  return Object.keys(operand).map((name) => [name, getField(operand, name)]);
}

function strings(operand: unknown, path: string): string[] {
  const valid =
    Array.isArray(operand) && operand.length > 0 && operand.every((item) => typeof item === 'string');
  if (!valid || new Set(operand).size < operand.length) throw fail(path, 'needs an array of different names');
  return operand;
}

/** A key that is the same for documents that differ only in field order. */
function unorderedKey(value: unknown): string | number {
  const sorted = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(sorted);
    if (!isDocument(item)) return item;
    const copy: Document = {};
    for (const name of Object.keys(item).sort()) setField(copy, name, sorted(getField(item, name)));
    return copy;
  };
  return hashKey(sorted(value));
}

/** `true`, `false` or a schema for anything no other keyword covers. */
function rest(operand: unknown, path: string): Check {
  return typeof operand === 'boolean' ? () => operand : compileSchema(operand, path);
}

const ofDocument =
  (check: (doc: Document) => boolean): Check =>
  (value) =>
    !isDocument(value) || check(value);

function patterns(operand: unknown, path: string): (readonly [pattern: RegExp, check: Check])[] {
  return named(operand, path).map(([pattern, schema]) => [
    compileRegex(pattern, ''),
    compileSchema(schema, `${path}.${pattern}`),
  ]);
}

const ignored: Keyword = (operand, _schema, path) => {
  if (typeof operand !== 'string') throw fail(path, 'must be a string');
  return () => true;
};

const KEYWORDS: { readonly [name: string]: Keyword } = {
  title: ignored,
  description: ignored,
  type: (operand, _schema, path) =>
    typeCheck(operand, path, (name) => (Object.hasOwn(JSON_TYPES, name) ? JSON_TYPES[name] : undefined)),
  bsonType: (operand, _schema, path) => typeCheck(operand, path, (name) => name),
  enum(operand, _schema, path) {
    if (!Array.isArray(operand) || operand.length === 0) throw fail(path, 'needs an array of values');
    const keys = new Set(operand.map(unorderedKey));
    return (value) => keys.has(unorderedKey(value));
  },
  minimum: bound(1, 'exclusiveMinimum'),
  maximum: bound(-1, 'exclusiveMaximum'),
  exclusiveMinimum: beside('minimum'),
  exclusiveMaximum: beside('maximum'),
  multipleOf(operand, _schema, path) {
    if (!isNumeric(operand) || compareValues(operand, 0) <= 0) throw fail(path, 'needs a positive number');
    // In decimals: 0.3 is a multiple of 0.1 there.
    const decimal = (number: unknown): Numeric => ({
      type: 'decimal',
      value: coerceToDecimal(numericOperand(number, '$jsonSchema')),
    });
    const by = decimal(operand);
    return (value) => !isNumeric(value) || isZero(numericOperand(remainder(decimal(value), by), ''));
  },
  minLength: sized(characters, atLeast),
  maxLength: sized(characters, atMost),
  pattern(operand, _schema, path) {
    if (typeof operand !== 'string') throw fail(path, 'must be a string');
    const regex = compileRegex(operand, '');
    return (value) => typeof value !== 'string' || testText(regex, value);
  },
  minItems: sized(items, atLeast),
  maxItems: sized(items, atMost),
  uniqueItems(operand, _schema, path) {
    if (typeof operand !== 'boolean') throw fail(path, 'must be true or false');
    return (value) =>
      !operand || !Array.isArray(value) || new Set(value.map(unorderedKey)).size === value.length;
  },
  items(operand, _schema, path) {
    if (Array.isArray(operand)) {
      const checks = operand.map((schema, i) => compileSchema(schema, `${path}[${i}]`));
      return (value) =>
        !Array.isArray(value) || checks.every((check, i) => i >= value.length || check(value[i]));
    }
    const check = compileSchema(operand, path);
    return (value) => !Array.isArray(value) || value.every(check);
  },
  additionalItems(operand, schema, path) {
    const check = rest(operand, path);
    const listed = schema['items'];
    if (!Array.isArray(listed)) return () => true;
    return (value) => !Array.isArray(value) || value.slice(listed.length).every(check);
  },
  minProperties: sized(fields, atLeast),
  maxProperties: sized(fields, atMost),
  required(operand, _schema, path) {
    const wanted = strings(operand, path);
    return ofDocument((doc) => wanted.every((name) => getField(doc, name) !== undefined));
  },
  properties(operand, _schema, path) {
    const checks = named(operand, path).map(
      ([name, schema]) => [name, compileSchema(schema, `${path}.${name}`)] as const,
    );
    return ofDocument((doc) =>
      checks.every(([name, check]) => {
        const value = getField(doc, name);
        return value === undefined || check(value);
      }),
    );
  },
  patternProperties(operand, _schema, path) {
    const checks = patterns(operand, path);
    return ofDocument((doc) =>
      Object.keys(doc).every((name) =>
        checks.every(([pattern, check]) => !testText(pattern, name) || check(getField(doc, name))),
      ),
    );
  },
  additionalProperties(operand, schema, path) {
    const check = rest(operand, path);
    const known = new Set(named(schema['properties'] ?? {}, path).map(([name]) => name));
    const shapes = patterns(schema['patternProperties'] ?? {}, path);
    const isKnown = (name: string): boolean =>
      known.has(name) || shapes.some(([shape]) => testText(shape, name));
    return ofDocument((doc) => Object.keys(doc).every((name) => isKnown(name) || check(getField(doc, name))));
  },
  dependencies(operand, _schema, path) {
    const checks = named(operand, path).map(([name, needs]): readonly [string, Check] => {
      if (!Array.isArray(needs)) return [name, compileSchema(needs, `${path}.${name}`)];
      const wanted = strings(needs, `${path}.${name}`);
      return [name, ofDocument((doc) => wanted.every((field) => getField(doc, field) !== undefined))];
    });
    return ofDocument((doc) =>
      checks.every(([name, check]) => getField(doc, name) === undefined || check(doc)),
    );
  },
  allOf(operand, _schema, path) {
    const checks = schemas(operand, path);
    return (value) => checks.every((check) => check(value));
  },
  anyOf(operand, _schema, path) {
    const checks = schemas(operand, path);
    return (value) => checks.some((check) => check(value));
  },
  oneOf(operand, _schema, path) {
    const checks = schemas(operand, path);
    return (value) => checks.filter((check) => check(value)).length === 1;
  },
  not(operand, _schema, path) {
    const check = compileSchema(operand, path);
    return (value) => !check(value);
  },
};

const REFUSED = ['$ref', '$schema', 'default', 'definitions', 'format', 'id', 'encrypt', 'encryptMetadata'];

function compileSchema(schema: unknown, path: string): Check {
  if (!isDocument(schema)) throw fail(path, 'a schema must be a document');
  if (Object.hasOwn(schema, 'type') && Object.hasOwn(schema, 'bsonType')) {
    throw fail(path, 'a schema has "type" or "bsonType", not both');
  }
  const checks = Object.keys(schema).map((name) => {
    if (REFUSED.includes(name)) throw notSupported(`the keyword "${name}" of $jsonSchema`);
    const keyword = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined;
    if (keyword === undefined) {
      throw fail(path, `there is no keyword "${name}"; there are ${Object.keys(KEYWORDS).join(', ')}`);
    }
    return keyword(getField(schema, name), schema, `${path}.${name}`);
  });
  return (value) => checks.every((check) => check(value));
}

/** Matches documents that are valid under a schema (JSON Schema draft 4 with `bsonType`, as in MongoDB). */
export const $jsonSchema: TopOperator = (operand) => compileSchema(operand, '');
