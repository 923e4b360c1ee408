import { expect, test } from 'vitest';
import { sharedOptions } from '../../src/workers/start.ts';

test.each([
  [['--inspect-port', '9229', '--no-warnings'], ['--no-warnings']],
  [
    ['--inspect=9229', '--import', 'x.js'],
    ['--import', 'x.js'],
  ],
  [['-e', 'run()'], []],
  [['--env-file', 'secrets.env', '--env-file-if-exists=more.env'], []],
  [['--watch', '--max-old-space-size=100'], ['--max-old-space-size=100']],
  [
    ['-r', 'hooks.cjs', '-C', 'custom'],
    ['-r', 'hooks.cjs', '-C', 'custom'],
  ],
])('of the options %j a process for native code gets %j', (own, shared) => {
  expect(sharedOptions(own)).toEqual(shared);
});
