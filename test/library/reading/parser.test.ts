import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ParseRequest } from '../../../src/library/reading/parse-messages.ts';
import {
  createParser,
  type Parser,
  type ParserOptions,
  wasTooLarge,
} from '../../../src/library/reading/parser.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { collectGarbage } from '../../support/garbage.ts';
import { posix } from '../../support/platform.ts';

function parser(options: ParserOptions = {}): Parser {
  const created = createParser(options);
  onTestFinished(() => created.close());
  return created;
}

const note = (text: string): ParseRequest => ({
  id: 'docs/note.md',
  name: 'note.md',
  type: 'markdown',
  content: { text },
});

/** A request for a page that takes more time and memory than a test has. */
async function endless(): Promise<ParseRequest> {
  const file = join(await temporaryDirectory(), 'long.html');
  await writeFile(file, '<p>a'.repeat(2_400_000));
  return { id: 'docs/long.html', name: 'long.html', type: 'html', content: { file, maxBytes: 10_000_000 } };
}

test('a file that needs too much memory is skipped, and the next one is read', async () => {
  const { parse } = parser({ parseMemoryMb: 150 });

  const first = await parse(await endless(), testCall({ deadline: Date.now() + 30_000 }));
  const second = await parse(note('# Note'), testCall());

  expect(first).toMatchObject({ skipped: 'needs too much memory to read (more than 150 MB)' });
  expect(second).toMatchObject({ document: { title: 'Note' } });
});

test('a file that takes too long is skipped, and the next one is read', async () => {
  const { parse } = parser({ parseMemoryMb: 3_000, parseTimeoutMs: 200 });

  const first = await parse(await endless(), testCall({ deadline: Date.now() + 30_000 }));

  expect(first).toMatchObject({ skipped: 'takes too long to read (more than 0.2 s)' });
  const second = await parser().parse(note('# Note'), testCall());
  expect(second).toMatchObject({ document: { title: 'Note' } });
});

test('a call that is cancelled stops at once, whatever the file does', async () => {
  const { parse } = parser({ parseMemoryMb: 3_000 });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 500);

  await expect(
    parse(await endless(), testCall({ signal: controller.signal, deadline: Date.now() + 30_000 })),
  ).rejects.toMatchObject({ code: 'cancelled' });
});

test('a call that is over before its turn is not read', async () => {
  const { parse } = parser();

  await expect(parse(note('# A'), testCall({ deadline: Date.now() - 1 }))).rejects.toMatchObject({
    code: 'timeout',
  });
});

test('a call that waits behind a file is answered when it is over, and the file is read on', async () => {
  const { parse } = parser({ parseMemoryMb: 3_000, parseTimeoutMs: 1_000 });
  const reading = parse(await endless(), testCall({ deadline: Date.now() + 30_000 }));
  let isRead = false;
  void reading.then(() => {
    isRead = true;
  });

  await expect(parse(note('# A'), testCall({ deadline: Date.now() + 50 }))).rejects.toMatchObject({
    code: 'timeout',
  });

  expect(isRead).toBe(false);
  expect(await reading).toMatchObject({ skipped: 'takes too long to read (more than 1 s)' });
});

test('files of several calls are read in turn, each answer to its own call', async () => {
  const { parse } = parser();

  const replies = await Promise.all(
    ['# One', '# Two', '# Three'].map((text) => parse(note(text), testCall())),
  );

  expect(replies.map((reply) => 'document' in reply && reply.document.title)).toEqual([
    'One',
    'Two',
    'Three',
  ]);
});

test('an idle parser lets its process go, and starts another one when it is needed', async () => {
  const { parse } = parser({ idleMs: 10 });
  await parse(note('# One'), testCall());
  await sleep(300);

  expect(await parse(note('# Two'), testCall())).toMatchObject({ document: { title: 'Two' } });
});

describe('a process that ended while it read a file', () => {
  test.each([
    ['the watchdog of Windows', { code: 1, signal: null }, false],
    ['an abort on Windows', { code: 134, signal: null }, false],
    ['a kill', { code: null, signal: 'SIGKILL' }, true],
  ] as const)('had too little memory: %s', (_what, end, hasSignals) =>
    expect(wasTooLarge(end, hasSignals)).toBe(true),
  );

  test.each([
    ['an error on Windows', { code: 70, signal: null }, false],
    ['an access violation on Windows', { code: 0xc0000005, signal: null }, false],
    ['an exit where there are signals', { code: 1, signal: null }, true],
    ['a segmentation fault', { code: null, signal: 'SIGSEGV' }, true],
  ] as const)('crashed: %s', (_what, end, hasSignals) => expect(wasTooLarge(end, hasSignals)).toBe(false));
});

test.runIf(posix('ps'))('the process does not outlive its parent, even while it is busy', async () => {
  const request = await endless();
  const script = `import { createParser } from ${JSON.stringify(new URL('../../../src/library/reading/parser.ts', import.meta.url).href)};
    const call = { signal: new AbortController().signal, deadline: Infinity, progress() {} };
    const parser = createParser({ parseMemoryMb: 3000 });
    await parser.parse({ ...${JSON.stringify(note('# A'))} }, call);
    void parser.parse(${JSON.stringify(request)}, call);
    console.log('busy');`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(parent.stdout, 'data');
  const child = await childOf(parent.pid ?? 0);
  parent.kill('SIGKILL');

  await expect.poll(() => isAlive(child), { timeout: 60_000 }).toBe(false);
});

async function childOf(parent: number): Promise<number> {
  const ps = spawn('ps', ['-o', 'pid=', '--ppid', String(parent)]);
  let out = '';
  for await (const part of ps.stdout) out += String(part);
  return Number(out.trim().split(/\s+/)[0]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('what a call held is given back while the process lives on', async () => {
  const { parse } = parser();
  const read = async (): Promise<WeakRef<AbortSignal>> => {
    const call = testCall({ signal: new AbortController().signal });
    await parse(note('# Note'), call);
    return new WeakRef(call.signal);
  };
  const first = await read();
  await read();
  await expect
    .poll(() => {
      collectGarbage();
      return first.deref() === undefined;
    })
    .toBe(true);
});
