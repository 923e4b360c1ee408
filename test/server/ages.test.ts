import { expect, test } from 'vitest';
import { ageNote } from '../../src/tools/common/age.ts';

test.each([
  [0, ''],
  [4_999, ''],
  [5_000, ' As it was 5 seconds ago: what other programs have changed since is not in it.'],
  [119_000, ' As it was 1 minute ago: what other programs have changed since is not in it.'],
  [7_300_000, ' As it was 2 hours ago: what other programs have changed since is not in it.'],
])('an answer that is %i ms old says so, if that is worth saying', (ageMs, note) => {
  expect(ageNote(ageMs)).toBe(note);
});
