import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMongoMailbox } from '../../../src/stores/mongodb/shared/mailbox.ts';
import { testCall } from '../../support/call.ts';
import {
  isInstalled,
  mongoStoreForTest,
  type RunningServer,
  skipReason,
  startServer,
} from '../../support/mongo-servers.ts';

const name = 'mongo-java-server';

describe.skipIf(!isInstalled(name))(`a mailbox on MongoDB${skipReason(name)}`, () => {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await startServer(name);
  });
  afterAll(() => server?.stop());

  test('what another node left is taken once', async () => {
    const database = 'once';
    const [one, two] = [1, 2].map(() =>
      createMongoMailbox(mongoStoreForTest(server?.url ?? '', { database })),
    );
    await one?.put('a', 'text', testCall());
    expect(await two?.take(['a', 'b'], testCall())).toEqual(new Map([['a', 'text']]));
    expect(await two?.take(['a', 'b'], testCall())).toEqual(new Map());
  });

  test('what was found is not lost where it cannot be removed', async () => {
    const mailbox = createMongoMailbox(
      mongoStoreForTest(server?.url ?? '', {
        database: 'kept',
        observe(command) {
          if (command === 'delete') throw new Error('the connection was lost');
        },
      }),
    );
    await mailbox.put('a', 'text', testCall()).catch(() => mailbox.put('a', 'text', testCall()));
    expect(await mailbox.take(['a'], testCall())).toEqual(new Map([['a', 'text']]));
  });
});
