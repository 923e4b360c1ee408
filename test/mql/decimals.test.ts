import { describe, expect, test } from 'vitest';
import { decimal, double, long, value } from './evaluate.ts';

const MAX_LONG = long('9223372036854775807');
const MIN_LONG = long('-9223372036854775808');
const NaN_ = Number.NaN;

type Row = [expression: object, expected: unknown];

describe('results take the widest type, and overflow int to long to double', () => {
  test.each<Row>([
    [{ $add: [2147483647, 1] }, long('2147483648')],
    [{ $add: [MAX_LONG, 1] }, 2 ** 63],
    [{ $add: [1, 1.5] }, 2.5],
    [{ $add: [0.5, 0.5] }, double(1)],
    [{ $add: [long(1), double(1)] }, double(2)],
    [{ $add: [long(1), decimal('0.1')] }, decimal('1.1')],
    [{ $add: [] }, 0],
    [{ $add: [1, null] }, null],
    [{ $add: [1, '$missing'] }, null],
    [{ $subtract: [-2147483648, 1] }, long('-2147483649')],
    [{ $subtract: [MIN_LONG, 1] }, -(2 ** 63)],
    [{ $subtract: [long(3), 3] }, long(0)],
    [{ $subtract: [decimal('1'), 0.1] }, decimal('0.900000000000000')],
    [{ $multiply: [65536, 65536] }, long('4294967296')],
    [{ $multiply: [MAX_LONG, 2] }, 2 ** 64],
    [{ $multiply: [2, double(2)] }, double(4)],
    [{ $multiply: [decimal('1.10'), 3] }, decimal('3.30')],
    [{ $multiply: [] }, 1],
    [{ $multiply: [NaN_, 2] }, NaN_],
    [{ $abs: -2147483648 }, long('2147483648')],
    [{ $abs: long(-5) }, long(5)],
    [{ $abs: decimal('-1.50') }, decimal('1.50')],
    [{ $abs: decimal('-Infinity') }, decimal('Infinity')],
    [{ $abs: decimal('NaN') }, decimal('NaN')],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });
});

describe('$divide and $mod', () => {
  test.each<Row>([
    [{ $divide: [6, 3] }, double(2)],
    [{ $divide: [long(1), 4] }, 0.25],
    [{ $divide: [decimal('1'), 3] }, decimal('0.3333333333333333333333333333333333')],
    [{ $divide: [6, decimal('3')] }, decimal('2')],
    [{ $divide: [Number.POSITIVE_INFINITY, 2] }, Number.POSITIVE_INFINITY],
    [{ $divide: [null, 0] }, null],
    [{ $mod: [-7, 3] }, -1],
    [{ $mod: [7, long(3)] }, long(1)],
    [{ $mod: [7, double(3)] }, double(1)],
    [{ $mod: [7, 3e9] }, double(7)],
    [{ $mod: [7.5, 2] }, 1.5],
    [{ $mod: [7, 2.5] }, double(2)],
    [{ $mod: [decimal('7.5'), 2] }, decimal('1.5')],
    [{ $mod: [MIN_LONG, -1] }, long(0)],
    [{ $mod: [5, Number.POSITIVE_INFINITY] }, double(5)],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test.each([
    [{ $divide: [1, 0] }],
    [{ $divide: [1, double(0)] }],
    [{ $divide: [1, decimal('0')] }],
    [{ $divide: ['6', 3] }],
    [{ $mod: [1, 0] }],
    [{ $mod: [1, decimal('0.0')] }],
    [{ $abs: MIN_LONG }],
    [{ $multiply: [2, '3'] }],
    [{ $add: [1, 'x'] }],
  ])('%j is an error', (expression) => {
    expect(() => value(expression)).toThrow(/zero|needs numbers|smallest long/);
  });
});

describe('decimals at their borders', () => {
  const largest = decimal('9.999999999999999999999999999999999E+6144');
  test.each<Row>([
    [{ $add: [largest, decimal('1')] }, largest],
    [{ $add: [largest, largest] }, decimal('Infinity')],
    [{ $multiply: [largest, -10] }, decimal('-Infinity')],
    [{ $multiply: [decimal('1E-6176'), decimal('0.1')] }, decimal('0E-6176')],
    [{ $multiply: [decimal('Infinity'), 0] }, decimal('NaN')],
    [{ $subtract: [decimal('Infinity'), decimal('Infinity')] }, decimal('NaN')],
    [{ $add: [decimal('NaN'), 1] }, decimal('NaN')],
    [{ $add: [decimal('0'), 0.1] }, decimal('0.100000000000000')],
    [
      { $add: [decimal('1234567890123456789012345678901234'), decimal('0.5')] },
      decimal('1234567890123456789012345678901234'),
    ],
    [
      { $add: [decimal('1234567890123456789012345678901235'), decimal('0.5')] },
      decimal('1234567890123456789012345678901236'),
    ],
    [{ $divide: [decimal('Infinity'), decimal('-2')] }, decimal('-Infinity')],
    [{ $mod: [decimal('1E+6000'), 7] }, decimal('1')],
    [{ $mod: [decimal('-7.5'), decimal('Infinity')] }, decimal('-7.5')],
    [{ $sum: [decimal('0.1'), decimal('0.2')] }, decimal('0.3')],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test('equality of decimals in these tests sees their digits', () => {
    expect(decimal('1.50')).not.toEqual(decimal('1.5'));
  });
});

describe('dates', () => {
  test.each<Row>([
    [{ $add: [new Date(10), 5] }, new Date(15)],
    [{ $add: [5, new Date(10), 2.5] }, new Date(18)],
    [{ $subtract: [new Date(10), new Date(4)] }, long(6)],
    [{ $subtract: [new Date(10), 4] }, new Date(6)],
    [{ $subtract: [new Date(10), 2.5] }, new Date(7)],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test.each([
    [{ $add: [new Date(1), new Date(2)] }],
    [{ $subtract: [5, new Date(2)] }],
    [{ $multiply: [new Date(2), 2] }],
  ])('%j is an error', (expression) => {
    expect(() => value(expression)).toThrow(/one date|not date/);
  });
});

describe('$pow, $sqrt, $exp and logarithms', () => {
  test.each<Row>([
    [{ $pow: [5, 0] }, 1],
    [{ $pow: [5, 2] }, 25],
    [{ $pow: [2, 31] }, long('2147483648')],
    [{ $pow: [2, 62] }, long('4611686018427387904')],
    [{ $pow: [2, 63] }, 2 ** 63],
    [{ $pow: [3, long(39)] }, long('4052555153018976267')],
    [{ $pow: [5, -2] }, 0.04],
    [{ $pow: [-1, -3] }, -1],
    [{ $pow: [long(2), 3] }, long(8)],
    [{ $pow: [2, double(3)] }, double(8)],
    [{ $pow: [-5, 0.5] }, NaN_],
    [{ $pow: [1, NaN_] }, double(1)],
    [{ $pow: [decimal('1.5'), 2] }, decimal('2.250000000000000000000000000000000')],
    [{ $pow: [decimal('NaN'), 2] }, decimal('NaN')],
    [{ $pow: [null, 2] }, null],
    [{ $sqrt: 25 }, double(5)],
    [{ $sqrt: long(2) }, Math.SQRT2],
    [{ $sqrt: NaN_ }, NaN_],
    [{ $sqrt: decimal('2') }, decimal('1.414213562373095048801688724209698')],
    [{ $sqrt: decimal('NaN') }, decimal('NaN')],
    [{ $sqrt: null }, null],
    [{ $exp: 0 }, double(1)],
    [{ $exp: -2 }, 0.1353352832366127],
    [{ $exp: null }, null],
    [{ $log: [100, 10] }, double(2)],
    [{ $log: [NaN_, 10] }, NaN_],
    [{ $log: ['$missing', 10] }, null],
    [{ $log10: 1000 }, double(3)],
    [{ $ln: 1 }, double(0)],
    [{ $ln: Number.POSITIVE_INFINITY }, Number.POSITIVE_INFINITY],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test.each([
    [{ $pow: [0, -1] }],
    [{ $pow: ['2', 2] }],
    [{ $sqrt: -1 }],
    [{ $sqrt: decimal('-1E-6000') }],
    [{ $log: [0, 10] }],
    [{ $log: [10, 1] }],
    [{ $log: [10, -2] }],
    [{ $ln: -1 }],
    [{ $log10: 0 }],
    [{ $exp: 'x' }],
    [{ $acos: 2 }],
  ])('%j is an error', (expression) => {
    expect(() => value(expression)).toThrow(/needs|negative exponent|must be positive/);
  });
});

describe('$round to even, $trunc towards zero, $ceil and $floor', () => {
  test.each<Row>([
    [{ $round: 10.5 }, double(10)],
    [{ $round: 11.5 }, double(12)],
    [{ $round: -2.5 }, double(-2)],
    [{ $round: [19.25, 1] }, 19.2],
    [{ $round: [28.73, 1] }, 28.7],
    [{ $round: [2.675, 2] }, 2.67],
    [{ $round: [234.578, -2] }, double(200)],
    [{ $round: [15, -1] }, 20],
    [{ $round: [25, -1] }, 20],
    [{ $round: [-25, -1] }, -20],
    [{ $round: [7, 3] }, 7],
    [{ $round: [long(155), -1] }, long(160)],
    [{ $round: [2147483647, -1] }, long('2147483650')],
    [{ $round: [decimal('2.345'), 2] }, decimal('2.34')],
    [{ $round: [decimal('1.5'), 3] }, decimal('1.500')],
    [{ $round: [decimal('1.298'), 100] }, decimal('1.298000000000000000000000000000000')],
    [{ $trunc: [decimal('-1E+40'), 1] }, decimal('-1.000000000000000000000000000000000E+40')],
    [{ $round: [decimal('0'), 100] }, decimal('0E-100')],
    [{ $round: [decimal('Infinity'), 1] }, decimal('Infinity')],
    [{ $round: NaN_ }, NaN_],
    [{ $round: Number.NEGATIVE_INFINITY }, Number.NEGATIVE_INFINITY],
    [{ $round: [null, 1] }, null],
    [{ $round: [1.5, '$missing'] }, null],
    [{ $trunc: 7.8 }, double(7)],
    [{ $trunc: -7.8 }, double(-7)],
    [{ $trunc: [19.99, 1] }, 19.9],
    [{ $trunc: [1234, -2] }, 1200],
    [{ $trunc: [-1299, -2] }, -1200],
    [{ $trunc: [decimal('-1.239'), 2] }, decimal('-1.23')],
    [{ $ceil: 7.2 }, double(8)],
    [{ $ceil: -2.8 }, double(-2)],
    [{ $ceil: long(3) }, long(3)],
    [{ $ceil: decimal('2.1') }, decimal('3')],
    [{ $floor: -2.8 }, double(-3)],
    [{ $floor: 5 }, 5],
    [{ $floor: decimal('-2.1') }, decimal('-3')],
    [{ $floor: null }, null],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test.each([
    [{ $round: ['1', 1] }],
    [{ $round: [1.5, 1.5] }],
    [{ $round: [1.5, 101] }],
    [{ $trunc: [1.5, -21] }],
    [{ $round: [MAX_LONG, -1] }],
  ])('%j is an error', (expression) => {
    expect(() => value(expression)).toThrow(/needs numbers|from -20 to 100|does not fit/);
  });
});

describe('$bitAnd, $bitOr, $bitXor and $bitNot', () => {
  test.each<Row>([
    [{ $bitAnd: [12, 10] }, 8],
    [{ $bitAnd: [12, long(10)] }, long(8)],
    [{ $bitAnd: [] }, -1],
    [{ $bitOr: [12, 3] }, 15],
    [{ $bitXor: [12, 10] }, 6],
    [{ $bitNot: 3 }, -4],
    [{ $bitNot: long(0) }, long(-1)],
    [{ $bitOr: [1, null] }, null],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test('doubles are refused', () => {
    expect(() => value({ $bitAnd: [1, 1.5] })).toThrow(/ints or longs/);
  });
});
