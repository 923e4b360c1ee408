import { Double, Int32, Long } from 'bson';
import { expect, test } from 'vitest';
import { compileFilter, type Document } from '../../src/mql/index.ts';

const holds = (schema: Document, doc: Document): boolean => compileFilter({ $jsonSchema: schema })(doc);
const field = (schema: Document, a: unknown): boolean => holds({ properties: { a: schema } }, { a });

test.each<[string, Document, unknown[], unknown[]]>([
  ['bsonType', { bsonType: 'int' }, [1], ['1', 1.5, null]],
  ['several bsonTypes', { bsonType: ['string', 'number'] }, ['x', 1, new Long(1), 1.5], [true]],
  ['type', { type: 'boolean' }, [true], [0]],
  ['enum', { enum: ['a', { x: 1, y: 2 }] }, ['a', { y: 2, x: 1 }], ['b', { x: 1 }]],
  ['minimum', { minimum: 5 }, [5, 'text', [1]], [4]],
  ['exclusiveMinimum', { minimum: 5, exclusiveMinimum: true }, [6], [5]],
  ['maximum', { maximum: 5 }, [new Double(5), new Int32(1)], [5.1]],
  ['multipleOf', { multipleOf: 5 }, [10, 0], [7]],
  ['lengths', { minLength: 2, maxLength: 3 }, ['ab', '日本語', 5], ['a', 'abcd']],
  ['pattern', { pattern: '^S' }, ['Sam', 1], ['sam']],
  ['items', { items: { bsonType: 'int' } }, [[1, 2], [], 'x'], [[1, 'a']]],
  ['items by place', { items: [{ bsonType: 'int' }], additionalItems: false }, [[1], []], [['a'], [1, 2]]],
  ['sizes of arrays', { minItems: 1, maxItems: 2 }, [[1], 'x'], [[], [1, 2, 3]]],
  [
    'uniqueItems',
    { uniqueItems: true },
    [[1, 2]],
    [
      [1, new Long(1)],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  ['required', { required: ['x'] }, [{ x: null }, 5], [{}]],
  ['counts of fields', { minProperties: 1, maxProperties: 1 }, [{ x: 1 }], [{}, { x: 1, y: 1 }]],
  [
    'additionalProperties',
    { properties: { x: {} }, patternProperties: { '^y': {} }, additionalProperties: false },
    [{ x: 1, y1: 1 }],
    [{ z: 1 }],
  ],
  [
    'patternProperties',
    { patternProperties: { '^n': { bsonType: 'int' } } },
    [{ n1: 1, s: 'x' }],
    [{ n1: 'x' }],
  ],
  [
    'dependencies',
    { dependencies: { x: ['y'], z: { required: ['w'] } } },
    [{ x: 1, y: 1 }, {}],
    [{ x: 1 }, { z: 1 }],
  ],
  [
    'allOf, anyOf, oneOf, not',
    {
      allOf: [{ minimum: 1 }],
      anyOf: [{ maximum: 3 }, { minimum: 9 }],
      oneOf: [{ multipleOf: 2 }, { multipleOf: 3 }],
      not: { enum: [2] },
    },
    [3, 9],
    [0, 5, 2, 6],
  ],
])('$jsonSchema: %s', (_name, schema, valid, invalid) => {
  for (const value of valid) expect(field(schema, value), JSON.stringify(value)).toBe(true);
  for (const value of invalid) expect(field(schema, value), JSON.stringify(value)).toBe(false);
});

test('a field that is not there is checked by "required" only', () => {
  expect(holds({ properties: { a: { bsonType: 'int' } } }, {})).toBe(true);
  expect(holds({ required: ['a'] }, {})).toBe(false);
});

test.each<[string, Document]>([
  ['an unknown keyword', { foo: 1 }],
  ['type integer', { type: 'integer' }],
  ['both types', { type: 'string', bsonType: 'string' }],
  ['a bound that is no number', { minimum: 'x' }],
  ['exclusiveMinimum alone', { exclusiveMinimum: true }],
  ['required without names', { required: [] }],
  ['the same name twice', { required: ['a', 'a'] }],
  ['a format', { format: 'date' }],
])('$jsonSchema with %s is refused', (_name, schema) => {
  expect(() => holds(schema, {})).toThrow(/\$jsonSchema/);
});
