import { expect, test } from 'vitest';
import { parseExactJson } from '../../src/mql/formats.ts';

test.each([
  ['in a filter', '{"a":1,"a":2}', 'a'],
  ['deep inside', '{"x":[1,{"y":{"b":{"$gt":1},"c":2, "b" :{"$lt":5}}}]}', 'b'],
  ['written in two ways', '{"a":1,"\\u0061":2}', 'a'],
  ['beside a number of many digits', '{"a":9007199254740993,"a":9007199254740994}', 'a'],
  ['an operator', '{"a":{"$ne":1,"$ne":2}}', '$ne'],
  ['with a name like a number', '{"1":1,"0":0,"1":2}', '1'],
])('a name that stands twice is refused: %s', (_what, text, name) => {
  expect(() => parseExactJson(text)).toThrow(`"${name}" stands twice in one object`);
});

test.each([
  '{"a":[{"b":1},{"b":2}],"b":3}',
  '{"a":"\\"a\\":","b":"{\\"b\\":1,\\"b\\":2}"}',
  '{"a":9007199254740993,"b":{"$numberLong":"1"}}',
  '{"__proto__":1,"a":{"__proto__":{}}}',
  '["a","a"]',
  '"a"',
])('%s has no name twice', (text) => {
  expect(() => parseExactJson(text)).not.toThrow();
});
