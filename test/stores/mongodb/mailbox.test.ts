import { describe, expect, test } from 'vitest';
import { createMongoMailbox } from '../../../src/stores/mongodb/shared/mailbox.ts';
import { testCall } from '../../support/call.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { isInstalled, skipReason } from '../../support/mongo-servers.ts';

const name = 'mongo-java-server';

describe.skipIf(!isInstalled(name))(`a mailbox on MongoDB${skipReason(name)}`, () => {
  const server = mongoServer(name);

  test('what another node left is taken once', async () => {
    const database = 'once';
    const [one, two] = [1, 2].map(() => createMongoMailbox(server.store({ database })));
    await one?.put('a', 'text', testCall());
    expect(await two?.take(['a', 'b'], testCall())).toEqual(new Map([['a', 'text']]));
    expect(await two?.take(['a', 'b'], testCall())).toEqual(new Map());
  });

  test('what was found is not lost where it cannot be removed', async () => {
    const mailbox = createMongoMailbox(
      server.store({
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
