// What is noticed of files of settings that change while a server runs, whenever they do.
import { execFileSync } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rereadSettings, settingsInFiles } from '../../src/cli/reread.ts';
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts';
import { HydrogenError } from '../../src/errors.ts';
import { createLog } from '../../src/observability/log.ts';
import { reveal } from '../../src/observability/secret.ts';
import type { Reread } from '../../src/reread.ts';
import { temporaryDirectory } from '../support/call.ts';
import { posix } from '../support/platform.ts';

/** A server that has read its settings, and takes over what it reads again. */
async function running(settings: object) {
  const folder = await temporaryDirectory();
  const inFolder = (name: string): string => join(folder, name);
  /** All at once: a server may look in the middle of a write. */
  const write = async (given: object): Promise<void> => {
    await writeFile(inFolder('written.json'), JSON.stringify(given));
    await rename(inFolder('written.json'), inFolder('settings.json'));
  };
  await write(settings);
  const files = settingsInFiles((reading) =>
    loadConfig({
      ...{ file: 'settings.json', dataDirectory: inFolder('data'), workingDirectory: folder },
      ...{ environment: {}, overrides: {}, reading },
    }),
  );
  const loaded = files.read();
  const taken: LoadedConfig['config'][] = [];
  const recorded: object[] = [];
  let whileTaken = async (): Promise<unknown> => undefined;
  const begin = (): void => {
    const reread = async ({ config }: Pick<LoadedConfig, 'config'>) => {
      taken.push(config);
      const became = (await whileTaken()) as Partial<Reread> | undefined;
      return { now: [], later: [], ...became };
    };
    const audit = { reread: (facts: object) => void recorded.push(facts) };
    rereadSettings({ reread, log: createLog('silent'), audit }, loaded, files, 5);
  };
  const last = () => taken.at(-1);
  const during = (work: () => Promise<unknown>): void => {
    whileTaken = work;
  };
  return { inFolder, write, begin, last, during, taken, recorded };
}

const soon = { timeout: 30_000 };

test('what changes before the server serves is read as soon as it does', async () => {
  const { write, begin, last } = await running({ maxRows: 1 });
  await write({ maxRows: 20 });
  begin();
  await expect.poll(() => last()?.maxRows, soon).toBe(20);
});

test('what changes while the settings are taken over is read again', async () => {
  const { write, begin, last, during } = await running({ maxRows: 1 });
  during(async () => {
    if (last()?.maxRows === 20) await write({ maxRows: 300 });
  });
  begin();
  await write({ maxRows: 20 });
  await expect.poll(() => last()?.maxRows, soon).toBe(300);
});

test('a file with a secret may come after the settings that name it', async () => {
  const { inFolder, write, begin, last } = await running({});
  begin();
  await write({ qdrantUrl: 'http://127.0.0.1:6333', qdrantApiKeyFile: 'key' });
  // It is looked at the settings before there is the file.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await writeFile(inFolder('key'), 'the-key-that-came-later');
  const key = (): string | undefined => {
    const { qdrantApiKey } = last() ?? {};
    return qdrantApiKey && reveal(qdrantApiKey);
  };
  await expect.poll(key, soon).toBe('the-key-that-came-later');
});

test('half a file changes nothing, and the whole one does', async () => {
  const { inFolder, write, begin, last } = await running({ maxRows: 1 });
  begin();
  await writeFile(inFolder('settings.json'), '{ "maxRows": 2');
  await rm(inFolder('settings.json'));
  await write({ maxRows: 3 });
  await expect.poll(() => last()?.maxRows, soon).toBe(3);
});

test('settings that were refused are tried again while their files stay as they are', async () => {
  const { write, begin, taken, during, recorded } = await running({ maxRows: 1 });
  during(async () => {
    if (taken.length < 3) throw new HydrogenError('bad_input', 'Nobody could call.');
    return { now: ['oauth'] };
  });
  begin();
  await write({ maxRows: 2 });
  await expect.poll(() => recorded, soon).toHaveLength(2);
  expect(taken).toHaveLength(3);
  expect(recorded).toEqual([
    { outcome: 'bad_input', reason: 'Nobody could call.' },
    { outcome: 'ok', settings: { now: ['oauth'], later: [] } },
  ]);
});

test('what changes is recorded by its name, and what changes nothing is not', async () => {
  const { write, begin, last, during, recorded } = await running({ maxRows: 1 });
  during(async () => ({ later: last()?.maxRows === 1 ? [] : ['maxRows'] }));
  begin();
  await write({ maxRows: 1, $schema: 'other' });
  await expect.poll(() => last()?.maxRows, soon).toBe(1);
  await write({ maxRows: 2 });
  await expect.poll(() => recorded, soon).toHaveLength(1);
  await write({ maxRows: 20, $schema: 'another' });
  await expect.poll(() => last()?.maxRows, soon).toBe(20);
  expect(recorded).toEqual([{ outcome: 'ok', settings: { now: [], later: ['maxRows'] } }]);
});

test.runIf(posix('named pipes'))(
  'a pipe in the place of a file is refused with what to do, and nobody waits for its writer',
  async () => {
    const { inFolder, begin, last, recorded, write } = await running({ maxRows: 1 });
    await rm(inFolder('settings.json'));
    execFileSync('mkfifo', [inFolder('settings.json')]);
    begin();
    await expect.poll(() => recorded, soon).toHaveLength(1);
    expect(recorded).toMatchObject([
      { outcome: 'bad_input', reason: expect.stringMatching(/settings\.json is a pipe, .*Put a file there/) },
    ]);
    await rm(inFolder('settings.json'));
    await write({ maxRows: 5 });
    await expect.poll(() => last()?.maxRows, soon).toBe(5);
  },
);
