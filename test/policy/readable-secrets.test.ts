import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import { readableByOthers } from '../../src/policy/readable-secrets.ts';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { posix } from '../support/platform.ts';

const unix = test.runIf(posix('modes'));

/** A file with a key, in a folder that others may enter. */
async function keyFile(mode: number): Promise<string> {
  const folder = await temporaryDirectory();
  await chmod(folder, 0o755);
  const path = join(folder, 'audit-key');
  await writeFile(path, `${newAuditKey()}\n`);
  await chmod(path, mode);
  return path;
}

unix('doctor names a file with a secret that others can read, and says what to do', async () => {
  const path = await keyFile(0o644);
  const settings = { dataDir: await temporaryDirectory(), embeddingModel: 'none', auditKeyFile: path };
  const { out, code } = await command(['doctor', '--json'], settings);
  expect(code).toBe(4);
  expect(JSON.parse(out)).toMatchObject({
    parts: expect.arrayContaining([
      {
        name: 'secrets',
        state: 'degraded',
        detail: `other users of this machine can read ${path}`,
        action: expect.stringContaining(`chmod 600 ${path}`),
      },
    ]),
  });
});

unix.each([
  ['its owner alone', 0o600],
  ['its group', 0o640],
])('a file that %s can read is no reason to warn', async (_whom, mode) => {
  expect(await readableByOthers([await keyFile(mode)])).toEqual([]);
});

unix('a file in a folder that others may not enter cannot be read by them', async () => {
  const folder = await temporaryDirectory();
  await chmod(folder, 0o700);
  const path = join(folder, 'key');
  await writeFile(path, 'secret', { mode: 0o644 });
  expect(await readableByOthers([path])).toEqual([]);
});

unix('a link is judged by the file to which it leads', async () => {
  const path = await keyFile(0o644);
  const folder = await temporaryDirectory();
  await mkdir(join(folder, 'private'), { mode: 0o700 });
  const link = join(folder, 'private', 'key');
  await symlink(path, link);
  expect(await readableByOthers([link])).toEqual([link]);
});

test('a file that is not there can be read by nobody', async () => {
  expect(await readableByOthers([join(await temporaryDirectory(), 'none')])).toEqual([]);
});
