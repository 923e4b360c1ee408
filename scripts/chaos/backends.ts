import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { startNats } from '../../test/support/servers/nats.ts';
import { freePort, type ServerProgram, startProgram } from '../../test/support/servers/program.ts';
import { startRedis } from '../../test/support/servers/redis.ts';
import { startToxiproxy } from '../../test/support/servers/toxiproxy.ts';
import { javaFolder } from '../mongo-servers/install.ts';
import { qdrantPython } from '../servers/qdrant.ts';

/** Something that is done to a server, and undone. */
interface Disturbance {
  readonly name: string;
  begin(): Promise<void>;
  end(): Promise<void>;
}

interface Backend {
  readonly name: string;
  readonly disturbances: readonly Disturbance[];
}

export interface Backends {
  readonly all: readonly Backend[];
  /** The settings of a node that uses them. */
  readonly settings: Readonly<Record<string, string>>;
  /** The MongoDB server, by no detour. */
  readonly mongo: MongoClient;
  stop(): Promise<void>;
}

/** Of each answer, ms: less than a request may take, and more than many like. */
const latencyMs = 400;

/** In memory: what it holds is lost when it ends, so that it is only stopped, slowed and cut off. */
async function startJava(): Promise<ServerProgram> {
  const port = await freePort();
  const classes = ['out', join('lib', '*')].join(delimiter);
  const options = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m', '-cp', classes];
  return startProgram({ command: 'java', args: [...options, 'Main', String(port)], port, cwd: javaFolder });
}

const front = fileURLToPath(new URL('../../test/support/servers/qdrant_front.py', import.meta.url));

/** A true Qdrant: a program that takes a port and a directory. The nodes know no such setting. */
export const qdrantProgram = process.env['HYDROGEN_TEST_QDRANT_PROGRAM'];
delete process.env['HYDROGEN_TEST_QDRANT_PROGRAM'];

/** Qdrant's engine behind our front, which keeps what it has acknowledged; or the program that is named, a true one. */
async function startQdrant(): Promise<ServerProgram> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'hydrogen-chaos-qdrant-'));
  return qdrantProgram === undefined
    ? startProgram({ command: qdrantPython, args: [front, String(port), directory], port })
    : startProgram({ command: qdrantProgram, args: [String(port), directory], port });
}

/** Every kind of server, each behind a way that can be made bad. */
export async function startBackends(): Promise<Backends> {
  const proxies = await startToxiproxy();
  const [java, redis, nats, qdrant] = await Promise.all([
    startJava(),
    startRedis({ appendOnly: true }),
    startNats(),
    startQdrant(),
  ]);
  const ways = await Promise.all([java, redis, nats, qdrant].map(({ port }) => proxies.to(port)));
  const [toMongo, toRedis, toNats, toQdrant] = ways as [Way, Way, Way, Way];
  const mongo = await new MongoClient(`mongodb://127.0.0.1:${java.port}/`).connect();
  return {
    all: [
      { name: 'MongoDB', disturbances: [...ofWay(toMongo), frozen(java)] },
      { name: 'Redis', disturbances: [...ofWay(toRedis), frozen(redis), killed(redis)] },
      { name: 'NATS', disturbances: [...ofWay(toNats), frozen(nats), killed(nats)] },
      {
        name: 'Qdrant',
        disturbances: [
          ...ofWay(toQdrant),
          killed(qdrant),
          // Our front answers nothing for most of a minute after it was stopped; a true server is back at once.
          ...(qdrantProgram === undefined ? [] : [frozen(qdrant)]),
        ],
      },
    ],
    settings: {
      HYDROGEN_MONGODB_URL: `mongodb://127.0.0.1:${toMongo.port}/lab`,
      HYDROGEN_QDRANT_URL: `http://127.0.0.1:${toQdrant.port}`,
      HYDROGEN_REDIS_URL: `redis://127.0.0.1:${toRedis.port}`,
      HYDROGEN_NATS_URL: `nats://127.0.0.1:${toNats.port}`,
      HYDROGEN_CATALOG_STORE: 'mongodb',
      HYDROGEN_JOURNAL_STORE: 'mongodb',
    },
    mongo,
    async stop() {
      await mongo.close();
      await Promise.all([java, redis, nats, qdrant, proxies].map((program) => program.stop()));
    },
  };
}

type Way = Awaited<ReturnType<Awaited<ReturnType<typeof startToxiproxy>>['to']>>;

const ofWay = (way: Way): Disturbance[] => [
  { name: 'slowed', begin: () => way.slow(latencyMs), end: () => way.heal() },
  { name: 'silent', begin: () => way.silence(), end: () => way.heal() },
  { name: 'cut off', begin: () => way.cut(), end: () => way.heal() },
];

const frozen = (server: Pick<ServerProgram, 'pause' | 'resume'>): Disturbance => ({
  name: 'stopped (SIGSTOP)',
  begin: async () => server.pause(),
  end: async () => server.resume(),
});

const killed = (server: Pick<ServerProgram, 'kill' | 'restart'>): Disturbance => ({
  name: 'killed (SIGKILL)',
  begin: () => server.kill(),
  end: () => server.restart(),
});
