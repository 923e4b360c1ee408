// Compares an outcome with the expectation of a case, by the rules of the case format (cases/README.md).
type Doc = { [field: string]: unknown };

export interface Case extends ComparisonRules {
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly collections: { readonly [name: string]: readonly Doc[] };
  readonly op: string;
  readonly args: Doc;
  readonly expect: Expectation;
  readonly doubtful?: boolean;
}

interface ComparisonRules {
  readonly fieldOrder?: string;
  readonly numericType?: string;
  readonly unorderedFields?: readonly string[];
}

interface Expectation {
  readonly docs?: readonly unknown[];
  readonly ids?: readonly unknown[];
  readonly value?: unknown;
  readonly state?: readonly unknown[];
  readonly states?: { readonly [name: string]: readonly unknown[] };
  readonly error?: boolean;
  readonly unordered?: boolean;
}

export interface Outcome {
  readonly error?: string;
  readonly docs?: readonly Doc[];
  readonly value?: unknown;
  readonly collections: { readonly [name: string]: readonly unknown[] };
}

const KINDS: { readonly [bsontype: string]: string } = {
  Int32: 'num',
  Double: 'num',
  Long: 'long',
  Decimal128: 'decimal',
  ObjectId: 'objectId',
  BSONRegExp: 'regex',
  Binary: 'binData',
  UUID: 'binData',
  Timestamp: 'timestamp',
  MinKey: 'minKey',
  MaxKey: 'maxKey',
};

function kind(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return 'num';
  if (typeof value === 'bigint') return 'long';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  if (value instanceof RegExp) return 'regex';
  const { _bsontype } = value as { _bsontype?: unknown };
  const known = typeof _bsontype === 'string' ? KINDS[_bsontype] : undefined;
  return known ?? (value instanceof Uint8Array ? 'binData' : 'object');
}

/** A decimal's value as canonical text: digits without zeros at the ends, and the exponent. */
function decimal(value: unknown): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/i.exec(String(value));
  if (match === null) return String(value);
  const fraction = match[3] ?? '';
  const digits = `${match[2]}${fraction}`.replace(/^0+/, '');
  const trimmed = digits.replace(/0+$/, '');
  const exponent = Number(match[4] ?? 0) - fraction.length + digits.length - trimmed.length;
  return trimmed === '' ? '0' : `${match[1]}${trimmed}e${exponent}`;
}

function regex(value: unknown): string {
  if (value instanceof RegExp)
    return `${value.source}/${[...value.flags.replace(/[gyud]/g, '')].sort().join('')}`;
  const { pattern, options } = value as { pattern: string; options: string };
  return `${pattern}/${[...options].sort().join('')}`;
}

function bytes(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  const { buffer, position } = value as { buffer: Uint8Array; position?: number };
  return Buffer.from(buffer.subarray(0, position ?? buffer.length)).toString('hex');
}

function numbers(expected: unknown, actual: unknown, rules: ComparisonRules): boolean {
  const [a, b] = [kind(expected), kind(actual)];
  const loose = rules.numericType === 'ignore' && ['num', 'long'].includes(a) && ['num', 'long'].includes(b);
  if (a !== b && !loose) return false;
  if (a === 'decimal') return decimal(expected) === decimal(actual);
  if (a === 'long' && b === 'long') return String(expected) === String(actual);
  const [x, y] = [Number(expected), Number(actual)];
  return x === y || (Number.isNaN(x) && Number.isNaN(y));
}

function documents(expected: Doc, actual: Doc, rules: ComparisonRules, path: string): boolean {
  const [a, b] = [Object.keys(expected), Object.keys(actual)];
  if (a.length !== b.length) return false;
  if (rules.fieldOrder !== 'ignore' && a.some((name, i) => name !== b[i])) return false;
  return a.every(
    (name) =>
      Object.hasOwn(actual, name) &&
      equal(expected[name], actual[name], rules, path === '' ? name : `${path}.${name}`),
  );
}

/** True when the actual value is what was expected; `path` leads to it from the root of a document. */
function equal(expected: unknown, actual: unknown, rules: ComparisonRules = {}, path = ''): boolean {
  const type = kind(expected);
  const wanted = type === 'object' ? (expected as Doc)['$$type'] : undefined;
  if (typeof wanted === 'string') return kind(actual) === wanted;
  if (['num', 'long', 'decimal'].includes(type)) return numbers(expected, actual, rules);
  if (type !== kind(actual)) return false;
  switch (type) {
    case 'array': {
      const [a, b] = [expected as unknown[], actual as unknown[]];
      if (rules.unorderedFields?.includes(path)) return sameBag(a, b, rules, path);
      return a.length === b.length && a.every((item, i) => equal(item, b[i], rules, path));
    }
    case 'object':
      return documents(expected as Doc, actual as Doc, rules, path);
    case 'date':
      return Number(expected) === Number(actual);
    case 'regex':
      return regex(expected) === regex(actual);
    case 'binData':
      return bytes(expected) === bytes(actual);
    case 'objectId':
    case 'timestamp':
      return String(expected) === String(actual);
    case 'string':
    case 'boolean':
      return expected === actual;
    default:
      return true;
  }
}

function sameBag(
  expected: readonly unknown[],
  actual: readonly unknown[],
  rules: ComparisonRules,
  path = '',
): boolean {
  if (expected.length !== actual.length) return false;
  const rest = [...actual];
  return expected.every((item) => {
    const found = rest.findIndex((other) => equal(item, other, rules, path));
    if (found >= 0) rest.splice(found, 1);
    return found >= 0;
  });
}

/** What differs between an outcome and the expectation of a case; null when nothing does. */
export function check(test: Case, outcome: Outcome): string | null {
  const { expect } = test;
  const list = (expected: readonly unknown[], actual: unknown): boolean =>
    Array.isArray(actual) &&
    (expect.unordered === true
      ? sameBag(expected, actual, test)
      : expected.length === actual.length && expected.every((item, i) => equal(item, actual[i], test)));
  if (Boolean(expect.error) !== (outcome.error !== undefined)) {
    return outcome.error === undefined ? 'it gave no error' : `error: ${outcome.error}`;
  }
  if (!expect.error) {
    if (expect.docs !== undefined && !list(expect.docs, outcome.docs)) return 'docs';
    if (
      expect.ids !== undefined &&
      !list(
        expect.ids,
        outcome.docs?.map((doc) => doc['_id']),
      )
    )
      return 'ids';
    if ('value' in expect && !sameValue(test, outcome.value, list)) return 'value';
  }
  const states = { ...(expect.state !== undefined && { c: expect.state }), ...expect.states };
  for (const [name, docs] of Object.entries(states)) {
    if (!sameBag(docs, outcome.collections[name] ?? [], test)) return `state of ${name}`;
  }
  return null;
}

function sameValue(
  { op, expect, ...rules }: Case,
  actual: unknown,
  list: (expected: readonly unknown[], actual: unknown) => boolean,
): boolean {
  if (/^(update|replace|delete)/.test(op)) {
    const counts = (actual ?? {}) as Doc;
    const wanted = expect.value as Doc;
    return Object.keys(wanted).every((name) =>
      equal(wanted[name], counts[name] ?? 0, { numericType: 'ignore' }),
    );
  }
  return Array.isArray(expect.value) ? list(expect.value, actual) : equal(expect.value, actual, rules);
}
