import { Redis, type RedisOptions } from 'ioredis';
import { HydrogenError } from '../../errors.ts';

/**
 * A client. What it throws for a URL that it cannot read holds the URL, with its password.
 * @param name `The Redis server (setting redisUrl)`
 * @throws HydrogenError
 */
export function openRedisClient(
  url: string,
  name: string,
  options: Omit<RedisOptions, 'replyMapping'>,
): Redis {
  try {
    return new Redis(url, options);
  } catch {
    throw new HydrogenError(
      'unavailable',
      `${name} has a URL that cannot be read. Percent-encode special characters in its user and password.`,
    );
  }
}
