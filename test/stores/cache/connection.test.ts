// Which process of the server answers: who does not know it is not told that a crash has lost a change.
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRedisConnection, type RedisConnection } from '../../../src/stores/cache/redis/connection.ts';
import { hasRedis, type RedisServer, redisSkip, startRedis } from '../../support/servers/redis.ts';

const { signal } = new AbortController();
const processId = /^\w{40}$/;

describe.skipIf(!hasRedis)(`the process that answers${redisSkip}`, () => {
  async function connected(): Promise<{ server: RedisServer; connection: RedisConnection }> {
    const server = await startRedis();
    onTestFinished(() => server.kill());
    const name = 'The Redis server (setting redisUrl)';
    const connection = openRedisConnection({ url: server.url, name, timeoutMs: 300, connected: () => {} });
    onTestFinished(() => connection.close());
    await connection.send(signal, 'PING');
    return { server, connection };
  }

  test('is known after an answer that came too late', async () => {
    const { server, connection } = await connected();
    await server.pause();
    await expect(connection.run(signal)).rejects.toThrow(/timed out/i);
    server.resume();
    await expect.poll(() => connection.run(signal).catch(() => ''), { timeout: 5_000 }).toMatch(processId);
  });

  test('stays unknown to a user who may not ask', async () => {
    const { connection } = await connected();
    await connection.send(signal, 'ACL', 'SETUSER', 'default', '-info');
    expect(await connection.run(signal)).toBe('');
  });
});
