import type { Call } from '../../call.ts';
import { callEnd, duringCall, maxTimerMs } from '../../call-end.ts';
import { HydrogenError } from '../../errors.ts';
import { loadDriver, type MongoClient } from './driver.ts';
import { type ErrorWords, translate, unreachable } from './errors.ts';
import { watchHeartbeats } from './heartbeats.ts';
import { createRedactor, type Redactor } from './secrets.ts';

type ReadPreference = 'primary' | 'primaryPreferred' | 'secondary' | 'secondaryPreferred' | 'nearest';

export interface ServerSettings {
  /** Never shown anywhere. */
  readonly url: string;
  readonly words: Omit<ErrorWords, 'redact'>;
  /** How long a call waits for a server that does not answer, in ms. */
  readonly timeoutMs: number;
  /** Overrides the connection string. */
  readonly readPreference?: ReadPreference;
  /** Maximum number of concurrent connections; overrides the connection string. */
  readonly maxPoolSize?: number;
  /** Called with every command that is sent: its name, database and the command itself. */
  readonly observe?: (name: string, database: string, command: Record<string, unknown>) => void;
  /** Puts errors into words where `translate` is not enough. */
  readonly inWords?: (error: unknown, call: Call, words: ErrorWords) => HydrogenError;
}

/** The options sent with every command. */
interface CommandOptions {
  /** The time left for the call; absent when it has no deadline. */
  readonly maxTimeMS?: number;
  readonly signal: AbortSignal;
  readonly readPreference?: ReadPreference;
}

/** One call's use of a server. */
export interface ServerSession {
  readonly client: MongoClient;
  readonly call: Call;
  /** Computed anew each time: the remaining time shrinks from command to command. */
  options(): CommandOptions;
}

/** A server that is connected on first use, and again whenever it comes back. */
export interface MongoServer {
  /** @throws HydrogenError, in words that reveal neither host nor user. */
  run<T>(call: Call, work: (session: ServerSession) => Promise<T>): Promise<T>;
  /**
   * From the next call on by another connection string, for the same data: a password was changed, or a user. What is in
   * progress is completed by the client that it began with.
   */
  reconnect(url: string): void;
  close(): Promise<void>;
}

const poolSize = 10;
const idleMs = 60_000;
/** Bounds of the interval between heartbeats, in ms: the driver's minimum and its default. */
const minBeatMs = 500;
const maxBeatMs = 10_000;

function clientOptions({ timeoutMs, readPreference, maxPoolSize, url, observe }: ServerSettings) {
  return {
    appName: 'hydrogen-mcp',
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    // How soon a hang, or a recovery, is noticed: within this interval plus one time-out.
    ...(!/[?&]heartbeatFrequencyMS=/i.test(url) && {
      heartbeatFrequencyMS: Math.min(maxBeatMs, Math.max(minBeatMs, timeoutMs)),
    }),
    ...(maxPoolSize !== undefined && { maxPoolSize }),
    ...(maxPoolSize === undefined && !/[?&]maxPoolSize=/i.test(url) && { maxPoolSize: poolSize }),
    maxIdleTimeMS: idleMs,
    // Nothing in a request is dropped. Documents are read raw, by our own exact reader.
    ignoreUndefined: false,
    monitorCommands: observe !== undefined,
    ...(readPreference !== undefined && { readPreference }),
  };
}

async function newClient(settings: ServerSettings): Promise<MongoClient> {
  const { MongoClient } = await loadDriver();
  const client = new MongoClient(settings.url, clientOptions(settings));
  if (settings.observe) {
    const { observe } = settings;
    client.on('commandStarted', ({ commandName, databaseName, command }) =>
      observe(commandName, databaseName, command),
    );
  }
  return client;
}

/** Connection strings whose parts are removed from texts: the one in use, and those before it. */
const maxRedactors = 4;

const closing = (): HydrogenError =>
  new HydrogenError('unavailable', 'The server is shutting down.', { reason: 'not_sent' });

/** A client of the driver, and who uses it. */
interface Connection {
  client?: MongoClient;
  connecting?: Promise<MongoClient>;
  users: number;
}

/** Does nothing until the first call. */
export function createServer(settings: ServerSettings): MongoServer {
  const { readPreference, inWords = translate } = settings;
  let { url } = settings;
  const redactors = [createRedactor(url)];
  /** What calls that began earlier are told must not show the connection string of before, either. */
  const redact: Redactor = {
    forLog: (text) => redactors.reduce((rest, { forLog }) => forLog(rest), text),
    forCaller: (text) => redactors.reduce((rest, { forCaller }) => forCaller(rest), text),
  };
  const words: ErrorWords = { ...settings.words, redact };
  /** The one in use, and those before it that somebody still uses. */
  const connections = new Set<Connection>();
  let current: Connection | undefined;
  let closed = false;
  /** Why the server could not be reached when the driver last looked; a call may end before the driver gives up. */
  let unreached: Error | undefined;

  async function connect(connection: Connection): Promise<MongoClient> {
    const client = await newClient({ ...settings, url });
    connection.client = client;
    client.on('serverHeartbeatFailed', ({ failure }) => {
      unreached = failure;
    });
    client.on('serverHeartbeatSucceeded', () => {
      unreached = undefined;
    });
    watchHeartbeats(client, () => retire(connection));
    if (closed) throw closing();
    return await client.connect();
  }

  /** The next call gets a new one. Left open, its monitors would keep running. */
  function retire(connection: Connection): void {
    if (current === connection) current = undefined;
    if (connection.users > 0 || !connections.delete(connection)) return;
    connection.client?.close().catch(() => {});
  }

  /** @param work has ended when nothing uses the client any more */
  async function withClient<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
    if (closed) throw closing();
    current ??= { users: 0 };
    const connection = current;
    connections.add(connection);
    connection.users++;
    try {
      connection.connecting ??= connect(connection).catch((error: unknown) => {
        retire(connection);
        throw badConnectionString(error, words);
      });
      return await work(await connection.connecting);
    } finally {
      connection.users--;
      if (connection !== current) retire(connection);
    }
  }

  return {
    async run(call, work) {
      const left = (): number => Math.max(1, Math.min(maxTimerMs, Math.ceil(call.deadline - Date.now())));
      const over = callEnd(call, words.late);
      if (over) throw over;
      const timed = Number.isFinite(call.deadline);
      const signal = timed ? AbortSignal.any([call.signal, AbortSignal.timeout(left())]) : call.signal;
      const options = (): CommandOptions => ({
        signal,
        ...(timed && { maxTimeMS: left() }),
        ...(readPreference !== undefined && { readPreference }),
      });
      // The work itself learns of the end through its own options.
      const begun = withClient(async (client) => {
        signal.throwIfAborted();
        return await work({ client, call, options });
      });
      try {
        return await duringCall(begun, call, words.late);
      } catch (error) {
        const known = inWords(error, call, words);
        throw known.reason === 'late' && unreached ? unreachable(unreached, words) : known;
      }
    },
    reconnect(next) {
      if (next === url) return;
      url = next;
      redactors.unshift(createRedactor(next));
      redactors.splice(maxRedactors);
      unreached = undefined;
      if (current) retire(current);
    },
    async close() {
      closed = true;
      // Does not wait for a connection in progress: closing ends that as well.
      await Promise.all([...connections].map(({ client }) => client?.close()));
    },
  };
}

/** The driver's message would repeat the connection string. */
function badConnectionString(error: unknown, { of, setting }: ErrorWords): unknown {
  if (
    !(error instanceof Error) ||
    !/Parse|InvalidArgument|MissingDependency|URI|TypeError/.test(error.name)
  ) {
    return error;
  }
  return new HydrogenError(
    'unavailable',
    `The connection string of ${of} cannot be used (${error.name}). Correct ${setting}: mongodb://user:password@host:port/database, with special characters in user and password percent-encoded.`,
    { reason: 'not_sent' },
  );
}
