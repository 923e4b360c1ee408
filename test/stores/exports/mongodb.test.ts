import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';
import { createExportsFolder } from '../../../src/stores/documents/export/exports-folder.ts';
import { createMongoExports } from '../../../src/stores/mongodb/shared/exports.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { isInstalled, type ServerName, skipReason } from '../../support/mongo-servers.ts';
import { posix } from '../../support/platform.ts';
import { exportsContract } from './contract.ts';

let places = 0;

describe.each<ServerName>(['ferretdb', 'mongo-java-server'])('on %s', (name) => {
  describe.skipIf(!isInstalled(name))(`exports on MongoDB${skipReason(name)}`, () => {
    const server = mongoServer(name);

    async function open(database: string, maxTotalBytes?: number) {
      const store = server.store({ database });
      const exports = createMongoExports(store, {
        copies: createExportsFolder(await temporaryDirectory()),
        log: createLog('silent'),
        ...(maxTotalBytes !== undefined && { maxTotalBytes }),
      });
      return { exports, store };
    }

    exportsContract({
      name: 'mongodb',
      async open(processes, maxTotalBytes) {
        const database = `exports-${places++}`;
        const opened = Array.from({ length: processes }, () => open(database, maxTotalBytes));
        return (await Promise.all(opened)).map(({ exports }) => exports);
      },
    });

    test('nothing is left on the server of one that failed', async () => {
      const { exports, store } = await open(`exports-${places++}`);
      const failing = exports.write(
        'jsonl',
        async (sink) => {
          await sink('x'.repeat(3 * 1024 * 1024));
          throw new Error('interrupted');
        },
        testCall(),
      );
      await expect(failing).rejects.toThrow('interrupted');
      const left = (): Promise<number> =>
        store
          .area({})
          .run(testCall(), ({ db, options }) => db.collection('export_parts').countDocuments({}, options()));
      await expect.poll(left, { timeout: 10_000 }).toBe(0);
    });

    test.runIf(posix('modes'))('the copy on this machine is for its owner alone', async () => {
      const { exports } = await open(`exports-${places++}`);
      const { id } = await exports.write('jsonl', (sink) => sink('1'), testCall());
      expect((await stat(await exports.pathOf(id))).mode & 0o777).toBe(0o600);
    });
  });
});
