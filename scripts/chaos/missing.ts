import { hasNats } from '../../test/support/servers/nats.ts';
import { hasRedis } from '../../test/support/servers/redis.ts';
import { hasToxiproxy } from '../../test/support/servers/toxiproxy.ts';
import { installed } from '../mongo-servers/install.ts';
import { hasQdrantEngine } from '../servers/qdrant.ts';
import { qdrantProgram } from './backends.ts';

/** The servers that are needed for nodes which share everything, and are not installed. */
export function missingServers(): string[] {
  const servers: readonly (readonly [string, boolean])[] = [
    ['mongo-java-server', installed('mongo-java-server')],
    ['Redis', hasRedis],
    ['NATS', hasNats],
    ['Qdrant engine', hasQdrantEngine() || qdrantProgram !== undefined],
    ['toxiproxy', hasToxiproxy],
  ];
  return servers.filter(([, isThere]) => !isThere).map(([name]) => name);
}
