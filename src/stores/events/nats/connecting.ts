import {
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { serversThere } from './probing.ts';
import { NatsRefusal } from './words.ts';

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** A token and the seed of a key, each between lines of dashes. */
const credentialsForm = /-{3,}\n.+\n\s*-{3,}[\s\S]*-{3,}\n.+\n\s*-{3,}/;

/** @throws NatsRefusal where the text is not that of a credentials file */
function loginBy(credentials: string): Pick<NodeConnectionOptions, 'authenticator'> {
  // The client wants the end of the last line, which who reads a secret from a file takes off.
  const text = `${credentials.replaceAll('\r', '').trim()}\n`;
  if (!credentialsForm.test(text)) {
    throw new NatsRefusal(
      'was given what is not the text of a credentials file. Set natsCredentials to that of a .creds file, or HYDROGEN_NATS_CREDENTIALS_FILE to its path',
    );
  }
  return { authenticator: credsAuthenticator(new TextEncoder().encode(text)) };
}

/** What the client takes: it reads no user or password in a URL. @throws NatsRefusal for a URL of another kind */
function connectionOptionsOf(
  url: string,
  credentials: string | undefined,
): Omit<NodeConnectionOptions, 'servers'> & { servers: string[] } {
  const servers: string[] = [];
  let login: Pick<NodeConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator'> = {};
  let isEncrypted = false;
  for (const part of url.split(',')) {
    const parsed = URL.parse(part.trim());
    if (!parsed || !['nats:', 'tls:'].includes(parsed.protocol)) {
      throw new NatsRefusal(
        'has an address of another kind. Begin its URL with nats:// or, with TLS, tls://',
      );
    }
    isEncrypted ||= parsed.protocol === 'tls:';
    servers.push(parsed.host);
    const user = decoded(parsed.username);
    if (user === '') continue;
    login = parsed.password === '' ? { token: user } : { user, pass: decoded(parsed.password) };
  }
  if (credentials !== undefined) login = loginBy(credentials);
  return { servers, ...login, ...(isEncrypted && { tls: {} }) };
}

/** A silent server is noticed after three of these, ms. */
const pingIntervalMs = 4_000;

/**
 * One connection. It is not made again by the client, which would leave an open socket behind for every attempt at a silent
 * server (`probing.ts`): who uses it calls this again.
 * @throws what the client or the system throws, and NatsRefusal
 */
export async function connectTo(
  url: string,
  credentials: string | undefined,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<NatsConnection> {
  const { servers, ...options } = connectionOptionsOf(url, credentials);
  return connect({
    ...options,
    servers: await serversThere(servers, timeoutMs, signal),
    name: 'hydrogen',
    timeout: timeoutMs,
    reconnect: false,
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
  });
}
