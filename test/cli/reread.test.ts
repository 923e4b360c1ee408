// What is noticed of files of settings that change while a server runs, whenever they do.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rereadSettings, settingsInFiles } from '../../src/cli/reread.ts';
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts';
import { createLog } from '../../src/observability/log.ts';
import { reveal } from '../../src/observability/secret.ts';
import { temporaryDirectory } from '../support/call.ts';

/** A server that has read its settings, and takes over what it reads again. */
async function running(settings: object) {
  const folder = await temporaryDirectory();
  const inFolder = (name: string): string => join(folder, name);
  const write = (given: object): Promise<void> => writeFile(inFolder('settings.json'), JSON.stringify(given));
  await write(settings);
  const files = settingsInFiles((reading) =>
    loadConfig({
      ...{ file: 'settings.json', dataDirectory: inFolder('data'), workingDirectory: folder },
      ...{ environment: {}, overrides: {}, reading },
    }),
  );
  const loaded = files.read();
  const taken: LoadedConfig['config'][] = [];
  let whileTaken = async (): Promise<void> => {};
  const begin = (): void => {
    const reread = async ({ config }: Pick<LoadedConfig, 'config'>) => {
      taken.push(config);
      await whileTaken();
      return { now: [], later: [] };
    };
    rereadSettings({ reread, log: createLog('silent') }, loaded, files, 5);
  };
  const last = () => taken.at(-1);
  const during = (work: () => Promise<void>): void => {
    whileTaken = work;
  };
  return { inFolder, write, begin, last, during };
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
