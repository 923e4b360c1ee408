import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openParts } from '../../src/cli/doctor-place.ts';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { linkFolder } from '../support/links.ts';
import { bare } from '../support/process.ts';

test.each(['doctor', 'health', 'config'])(
  '%s says where a data directory behind a link really is',
  async (name) => {
    const real = await realpath(await temporaryDirectory());
    const dataDir = join(await temporaryDirectory(), 'link');
    await linkFolder(real, dataDir);

    const { out } = await command([name], { ...bare, dataDir });

    expect(out).toContain(`data directory: ${dataDir} (really ${real})`);
  },
);

test('doctor names who can read the data directory on Windows, with the command that closes it', async () => {
  const close = 'icacls "D:\\data" /inheritance:r …';
  expect(await openParts(['D:\\data'], async () => [{ path: 'D:\\data', who: ['Users'], close }])).toEqual([
    {
      name: 'permissions',
      state: 'degraded',
      detail: 'Users can read D:\\data',
      action: `Close it: ${close}`,
    },
  ]);
});

test('where Windows cannot be asked who can read it, doctor says that this is not known', async () => {
  const parts = await openParts(['D:\\data'], () => Promise.reject(new Error('PowerShell is not allowed')));
  expect(parts).toMatchObject([{ state: 'up', detail: expect.stringContaining('could not be found out') }]);
});
