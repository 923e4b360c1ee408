// What is logged while nobody reads stderr.
import { expect, onTestFinished, test } from 'vitest';
import { createLog, writeLog } from '../../src/observability/log.ts';

/** Stderr as a stream whose reader takes nothing until `read` is called. */
function unreadStderr() {
  const { stderr } = process;
  const { write } = stderr;
  let [pending, written]: [number, string[]] = [0, []];
  Object.defineProperty(stderr, 'writableLength', { configurable: true, get: () => pending });
  stderr.write = (text: string | Uint8Array): boolean => {
    pending += text.length;
    written.push(...String(text).split('\n').filter(Boolean));
    return false;
  };
  onTestFinished(() => {
    stderr.write = write;
    Reflect.deleteProperty(stderr, 'writableLength');
  });
  return {
    /** @returns the beginnings of the lines that were written since */
    read(): string[] {
      const lines = written;
      [pending, written] = [0, []];
      return lines.map((line) => line.slice(0, 200));
    },
  };
}

const text = 'x'.repeat(400_000);

test('of lines that come at once, as many are written as there is room for, and the number of the others is told later', () => {
  const stderr = unreadStderr();
  const log = createLog('info', 'text');
  log.info(`line 1 ${text}`);
  writeLog();
  for (let i = 2; i <= 6; i++) log.info(`line ${i} ${text}`);
  writeLog();
  log.info('while nobody reads');
  writeLog();
  expect(stderr.read().map((line) => line.slice(0, 12))).toEqual([
    'info: line 1',
    'info: line 2',
    'info: line 3',
  ]);
  log.info('read again');
  writeLog();
  expect(stderr.read()).toEqual([
    'warn: log lines were dropped, since nobody read stderr (dropped: 4)',
    'info: read again',
  ]);
});

test('it is told in the form of the log, also where nothing else is logged before the end', () => {
  const stderr = unreadStderr();
  const log = createLog('info');
  for (let i = 1; i <= 4; i++) {
    log.info(text);
    writeLog();
  }
  expect(stderr.read()).toHaveLength(3);
  writeLog();
  const [line = ''] = stderr.read();
  expect(JSON.parse(line)).toMatchObject({ level: 40, dropped: 1, msg: expect.stringContaining('dropped') });
});
