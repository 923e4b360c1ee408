import { expect, test } from 'vitest';
import { quadruple } from '../../src/mql/values/quadruple.ts';

const written = (coefficient: bigint, exponent = 0): string => {
  const { coefficient: digits, exponent: places } = quadruple({ coefficient, exponent });
  const text = String(digits).replace(/(?<=[1-9])0+$/, '');
  return `${text}e${places + String(digits).length - text.length}`;
};

test.each<[bigint, number, string]>([
  [1n, 0, '1e0'],
  [-5n, -1, '-5e-1'],
  [2n ** 113n - 1n, 0, `${2n ** 113n - 1n}e0`],
  [0n, 3, '0e3'],
])('%d times ten to the power of %d stays what it is', (coefficient, exponent, expected) => {
  expect(written(coefficient, exponent)).toBe(expected);
});

test('one tenth has its nearest quadruple a little above', () => {
  expect(written(1n, -1)).toMatch(/^1000000000000000000000000000000000048148248609680896326399448564623/);
});

test('of two quadruples that are as near, the even one is taken', () => {
  expect(written(2n ** 113n + 1n)).toBe(written(2n ** 113n));
  expect(written(2n ** 113n + 3n)).toBe(written(2n ** 113n + 4n));
});

test('the nearest quadruple of a number beyond 113 bits is found on both sides', () => {
  expect(written(2n ** 115n + 3n)).toBe(written(2n ** 115n + 4n));
  expect(written(-(2n ** 115n) - 1n)).toBe(written(-(2n ** 115n)));
});
