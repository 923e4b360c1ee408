import { expect, test } from 'vitest';
import { assertRecent } from '../../../src/stores/redis/version.ts';
import { redisInWords } from '../../../src/stores/redis/words.ts';

/** What servers answered to INFO. */
const told = (server: string): string =>
  `# Server\r\n${server}\r\nredis_mode:standalone\r\nos:Linux x86_64\r\n`;

test('an old server is named with its version, and what to use instead', () => {
  let thrown: unknown;
  try {
    assertRecent(told('redis_version:6.0.16\r\nredis_git_sha1:00000000'));
  } catch (error) {
    thrown = error;
  }
  expect(redisInWords(thrown, 'The Redis server (setting redisUrl)', 'all goes on').message).toBe(
    'The Redis server (setting redisUrl) is version 6.0.16. Use version 6.2 or newer; all goes on.',
  );
});

test.each([
  'redis_version:6.2.0',
  'redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.1.2',
  'server_name:other',
])('a recent server is taken, and one that does not tell: %s', (server) =>
  expect(() => assertRecent(told(server))).not.toThrow(),
);
