import { expect, test } from 'vitest';
import { HydrogenError } from '../../src/errors.ts';
import { inWords, machineTrouble } from '../../src/file-errors.ts';

function systemError(code: string, details: object = {}): Error {
  return Object.assign(new Error(`read ${code}`), { code, ...details });
}

test('an error that repeats a name of megabytes keeps its beginning and its advice', () => {
  const { message } = new HydrogenError(
    'bad_input',
    `There is no "${'ab:/'.repeat(1_000_000)}". Try another.`,
  );

  expect(message.length).toBeLessThanOrEqual(4_000);
  expect(message).toMatch(/^There is no "ab:.* … .*\. Try another\.$/);
});

test.each([3_400, 3_490, 3_499, 7_900])(
  'a URL that begins at character %i of a long error has no password',
  (at) => {
    const { message } = new HydrogenError(
      'bad_input',
      `${'x'.repeat(at)} https://user:xylophone@host/ ${'y '.repeat(50_000)}`,
    );

    expect(message).not.toContain('xylo');
  },
);

test('a list of several thousand characters is told as a whole', () => {
  const list = 'folders: it does not exist\n'.repeat(140);

  expect(new HydrogenError('bad_input', list).message).toBe(list);
});

test.each([
  ['a socket that gave up', systemError('ETIMEDOUT')],
  ['a socket that gave up with its port', systemError('ETIMEDOUT', { port: 27_017 })],
  ['a pipe that failed', systemError('EIO')],
])('%s is no trouble with a file', (_what, error) => {
  expect(machineTrouble(error)).toBeUndefined();
});

test.each([
  ['a network folder that is gone', systemError('ETIMEDOUT', { path: '/mnt/x' }), 'network folder'],
  ['a full disk', systemError('ENOSPC'), 'the disk is full'],
  ['too many open files', systemError('EMFILE'), 'too many files open'],
])('%s is told', (_what, error, words) => {
  expect(machineTrouble(error)).toContain(words);
});

test('what is told of a file that cannot be used says why', () => {
  const told = inWords(systemError('ELOOP', { path: 'a' }), '"a" cannot be read', 'Choose another place.');

  expect(told).toMatchObject({
    code: 'bad_input',
    message: '"a" cannot be read: its symbolic links form a loop. Choose another place.',
  });
});
