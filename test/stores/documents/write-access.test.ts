// What a server tells of what its user could write.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeAccessIn } from '../../../src/stores/documents/mongodb/write-access.ts';
import { testCall } from '../../support/call.ts';
import {
  isInstalled,
  mongoDocumentsForTest,
  type RunningServer,
  type ServerName,
  skipReason,
  startServer,
} from '../../support/mongo-servers.ts';

const users = [{ user: 'reports', db: 'admin' }];
/** As MongoDB 8 lists the role `read`, shortened. */
const reading = ['changeStream', 'collStats', 'dbHash', 'dbStats', 'find', 'killCursors', 'listCollections'];
const replyOf = (authenticatedUserPrivileges: readonly object[]) => ({
  authInfo: { authenticatedUsers: users, authenticatedUserRoles: [], authenticatedUserPrivileges },
  ok: 1,
});

test('a user with the role read could write nothing', () => {
  const privileges = [{ resource: { db: 'shop', collection: '' }, actions: reading }];
  expect(writeAccessIn(replyOf(privileges))).toEqual({ kind: 'none' });
});

test('a user that may change something could, and it is said where', () => {
  const privileges = [
    { resource: { db: 'shop', collection: '' }, actions: reading },
    { resource: { db: 'shop', collection: 'orders' }, actions: ['find', 'insert'] },
    { resource: { db: 'log', collection: '' }, actions: ['remove'] },
    { resource: { db: 'log', collection: '' }, actions: ['update'] },
  ];
  expect(writeAccessIn(replyOf(privileges))).toEqual({
    kind: 'some',
    places: ['"shop.orders"', 'database "log"'],
  });
});

test.each([
  [{ anyResource: true }, 'anyAction', 'the whole server'],
  [{ db: '', collection: '' }, 'insert', 'all databases'],
  [{ db: '', collection: 'logs' }, 'dropCollection', '"logs" in all databases'],
  [{ db: 'admin', collection: '' }, 'grantRole', 'database "admin"'],
])('the right to %j is one to %s', (resource, action, place) => {
  expect(writeAccessIn(replyOf([{ resource, actions: [action] }]))).toEqual({
    kind: 'some',
    places: [place],
  });
});

test('a server that asks nobody who they are lets anybody write', () => {
  const authInfo = { authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] };
  expect(writeAccessIn({ authInfo, ok: 1 })).toEqual({ kind: 'anybody' });
});

test.each([
  [{ ok: 1 }],
  [{ authInfo: { authenticatedUsers: users }, ok: 1 }],
  [replyOf([])],
  [{ authInfo: { authenticatedUsers: 'nobody', authenticatedUserPrivileges: {} }, ok: 1 }],
])('what another server answers (%j) says nothing', (reply) => {
  expect(writeAccessIn(reply)).toBeUndefined();
});

describe.each<ServerName>(['ferretdb', 'mongo-java-server'])('on %s', (name) => {
  describe.skipIf(!isInstalled(name))(`without users${skipReason(name)}`, () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await startServer(name);
    });
    afterAll(() => server.stop());

    test('it is told that anybody could write, or that it cannot be found out', async () => {
      const store = mongoDocumentsForTest(server.url, { readOnly: true, timeoutMs: 20_000 });
      expect(['anybody', 'unknown']).toContain((await store.writeAccess(testCall())).kind);
    });
  });
});
