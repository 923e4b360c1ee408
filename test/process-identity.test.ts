import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { hasExited, ownerName, startPrintedFor } from '../src/process-identity.ts';
import { posix } from './support/platform.ts';

const module = new URL('../src/process-identity.ts', import.meta.url).href;

/** The name of a process that has ended. */
function nameOfEnded(): string {
  const print = `import { ownerName } from ${JSON.stringify(module)}; process.stdout.write(ownerName())`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', print], { encoding: 'utf8' }).stdout;
}

/** The name with other words for its machine: host name, boot and PID namespace. */
function elsewhere(name: string, change: (parts: string[]) => string[]): string {
  const [machine = '', ...rest] = name.split(' ');
  return [change(machine.split('/')).join('/'), ...rest].join(' ');
}

describe('whether the process behind a name has ended', () => {
  test('this one has not', () => expect(hasExited(ownerName())).toBe(false));

  test('one on this machine that has ended is known to have', () =>
    expect(hasExited(nameOfEnded())).toBe(true));

  test('a new process with the number of one that has ended is not taken for it', () => {
    const [machine, number, started, random] = ownerName().split(' ');
    if (started === '-') return;
    expect(hasExited([machine, number, Number(started) - 1, random].join(' '))).toBe(true);
  });

  test.each<[string, (parts: string[]) => string[]]>([
    ['on another host', ([host, ...rest]) => [`${host}2`, ...rest]],
    [
      'before the last boot, or on another machine of the same name',
      ([host = '', boot, ...rest]) => [host, `${boot}0`, ...rest],
    ],
    ['in another container', ([host = '', boot = '', ...rest]) => [host, boot, `${rest.join('')}1`]],
  ])('one %s is never judged by the numbers of this one', (_where, change) => {
    expect(hasExited(elsewhere(nameOfEnded(), change))).toBe(false);
  });

  test.runIf(posix('ps'))('`ps` tells two processes apart by when they were started', () => {
    expect(startPrintedFor(process.pid)).toMatch(/^\w{3}-\w{3}-\d+-\d\d:\d\d:\d\d-\d{4}$/);
    expect(startPrintedFor(process.pid)).toBe(startPrintedFor(process.pid));
  });

  test.each(['', 'somebody', 'a b c d', '1'])(
    'a name that is not one of a process says nothing: "%s"',
    (name) => expect(hasExited(name)).toBe(false),
  );
});
