import { QdrantClient } from '@qdrant/js-client-rest';
import type { Call } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import { type Backend, createBackend } from '../backend.ts';
import { inWords, type QdrantWords } from './errors.ts';

export interface QdrantSettings {
  readonly url: string;
  readonly apiKey?: string;
  readonly collection: string;
  /** The setting that names the server, for sentences. */
  readonly setting: string;
  readonly timeoutMs: number;
}

/** Requests to one collection. */
export interface Server {
  readonly collection: string;
  readonly words: QdrantWords;
  /** Reads, which may be repeated. */
  read<T>(call: Call, work: (client: QdrantClient) => Promise<T>): Promise<T>;
  /** Writes. All of ours may be repeated: they say what is to be there, not what is to be added. */
  write<T>(call: Call, work: (client: QdrantClient) => Promise<T>): Promise<T>;
  state: Backend['state'];
}

/** What differs for collections that others fill. */
interface ConnectOptions {
  readonly minVersion?: readonly [number, number];
  readonly keySetting?: string;
  /** What the key must allow. */
  readonly rights?: string;
}

/** The oldest server whose answers are right: it knows the population of an IDF, prefixes of keywords, new vectors. */
const oldest = [1, 19] as const;

/**
 * How long a write may take at least, ms: hundreds of passages wait for the server to have them, and an index for all
 * that are there.
 */
const minWriteMs = 60_000;

/** Where the client is to connect. It would take port 6333 for `https://host:443`, and drop a path. */
export function endpointOf(url: string): { url: string; port: number; prefix?: string } {
  const { protocol, hostname, port, pathname } = new URL(url);
  // The parser drops a port that is the protocol's default.
  const written = /^[a-z]+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/i.exec(url)?.[1];
  const prefix = pathname.replace(/\/+$/, '');
  return {
    url: `${protocol}//${hostname}`,
    port: Number(written ?? (port === '' ? 6333 : port)),
    ...(prefix !== '' && { prefix }),
  };
}

const isOld = (version: string, [wantedMajor, wantedMinor]: readonly [number, number]): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
};

export function connect(
  { url, apiKey, collection, setting, timeoutMs }: QdrantSettings,
  {
    minVersion = oldest,
    keySetting = setting.replace(/Url$/, 'ApiKey'),
    rights = 'to read and write',
  }: ConnectOptions = {},
): Server {
  const words: QdrantWords = {
    name: `The Qdrant server (setting ${setting})`,
    setting,
    keySetting,
    rights,
    collection,
  };
  const writeMs = Math.max(timeoutMs, minWriteMs);
  const clientOf = (timeout: number): QdrantClient =>
    new QdrantClient({
      ...endpointOf(url),
      headers: {
        // Unpacking its answers would take a third of the time that a search takes here.
        'accept-encoding': 'identity',
        // Given as `apiKey`, each client would warn on stderr where the server is spoken to without TLS.
        ...(apiKey !== undefined && { 'api-key': apiKey }),
      },
      // A request has no signal: what the policy has given up would keep a command from ending for so long.
      timeout,
      checkCompatibility: false,
    });
  const [reading, writing] = [clientOf(timeoutMs), clientOf(writeMs)];
  const backend = createBackend({
    system: 'qdrant',
    name: words.name,
    timeoutMs,
    inWords: (error, call) => inWords(error, call, words),
  });
  let isChecked = false;

  async function check(): Promise<void> {
    const { version } = await reading.versionInfo();
    if (typeof version !== 'string') {
      const sentence = `What ${setting} names does not answer like a Qdrant server. Check the address and its path.`;
      throw new HydrogenError('unavailable', sentence);
    }
    if (isOld(version, minVersion)) {
      throw new HydrogenError(
        'not_supported',
        `${words.name} is version ${version}. Use ${minVersion.join('.')} or newer.`,
      );
    }
    isChecked = true;
  }

  function use<T>(call: Call, work: () => Promise<T>, limitMs: number): Promise<T> {
    const checked = async (): Promise<T> => {
      if (!isChecked) await check();
      return work();
    };
    return backend.use(call, checked, { repeatable: true, timeoutMs: limitMs });
  }

  return {
    collection,
    words,
    read: (call, work) => use(call, () => work(reading), timeoutMs),
    write: (call, work) => use(call, () => work(writing), writeMs),
    state: backend.state,
  };
}
