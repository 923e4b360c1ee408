import { expect, test } from 'vitest';
import { HydrogenError, notSupported } from '../src/errors.ts';

test('a refusal names what was asked for', () => {
  expect(notSupported('$where', 'use $expr')).toBeInstanceOf(HydrogenError);
  expect(notSupported('$where', 'use $expr').message).toBe('$where is not supported: use $expr.');
});
