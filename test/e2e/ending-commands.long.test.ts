import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hears, inTurn, type Prepared, pause, prepare, type Started, start } from '../support/ending.ts';
import { posix } from '../support/platform.ts';
import { hydrogen, type Settings } from '../support/process.ts';

let prepared: Prepared;
let folder: string;
/** More documents than are imported before a signal comes. */
let many: string;

beforeAll(async () => {
  prepared = await prepare(1);
  folder = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  many = join(folder, 'many.jsonl');
  const line = (_: unknown, n: number): string => JSON.stringify({ _id: n, text: 'salt '.repeat(20) });
  await writeFile(many, Array.from({ length: 200_000 }, line).join('\n'));
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  await prepared.remove();
});

interface Case {
  readonly args: (directory: string) => readonly string[];
  readonly settings?: Settings;
  /** Waits until the command is at work. */
  readonly atWork?: (started: Started) => Promise<void>;
  /** What must hold of the data afterwards. */
  readonly after?: (settings: Settings) => void;
}

const cases: Readonly<Record<string, Case>> = {
  'ingest, the parse process busy': {
    args: (directory) => ['ingest', join(directory, 'slow')],
    after: (settings) => expect(hydrogen(['list', 'slow'], settings).out).toBe(''),
  },
  import: {
    args: () => ['import', 'many', many],
    after(settings) {
      const last = hydrogen(['find', 'many', '{}', '--limit', '1', '--sort', '{"_id":-1}'], settings);
      // None, or whole documents.
      if (last.code === 0)
        expect(JSON.parse(last.out)).toEqual({ _id: expect.any(Number), text: 'salt '.repeat(20) });
      else expect(last.code).toBe(3);
    },
  },
  'run, a store thread busy': { args: () => ['run', 'resting'] },
  'export that nobody reads': {
    args: () => ['export', 'texts'],
    async atWork({ child }) {
      child.stdout?.pause();
    },
  },
};

const signals = { SIGINT: 130, SIGTERM: 143 } as const;
const table = Object.entries(cases).flatMap(([name, one]) =>
  Object.entries(signals).map(([how, code]) => ({ name, how: how as NodeJS.Signals, code, one })),
);

describe
  .runIf(posix('signals that ask'))
  .concurrent('a command that is told to stop ends soon, with nothing half done', () => {
    test.each(table)('$name: $how', { timeout: 120_000 }, ({ one, how, code }) =>
      inTurn(async () => {
        const { directory, settings, remove } = await prepared.copy();
        const started = start(one.args(directory), { ...settings, ...one.settings });
        await one.atWork?.(started);
        await hears(started.child);
        await pause(1_000);
        started.child.kill(how);
        const ended = await started.ended();
        expect([ended.code, ended.signal], JSON.stringify(ended.log)).toEqual([code, null]);
        one.after?.(settings);
        await remove();
      }),
    );

    test('ingest --watch ends well, also when its folder was renamed', { timeout: 120_000 }, () =>
      inTurn(async () => {
        const { settings, remove } = await prepared.copy();
        const folder = prepared.watched.pop() ?? '';
        const started = start(['ingest', '--watch', folder], settings);
        await started.logged('Watching the folders of the library until Ctrl-C.');
        await pause(1_000);
        await rename(folder, join(dirname(folder), 'other'));
        await pause(500);
        started.child.kill('SIGINT');
        const { code, signal } = await started.ended();
        expect([code, signal]).toEqual([0, null]);
        await remove();
      }),
    );
  });
