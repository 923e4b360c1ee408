import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { NatsRefusal } from './words.ts';

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** What the client takes: it reads no user or password in a URL. @throws NatsRefusal for a URL of another kind */
function connectionOptionsOf(url: string): NodeConnectionOptions {
  const servers: string[] = [];
  let login: Partial<NodeConnectionOptions> = {};
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
  return { servers, ...login, ...(isEncrypted && { tls: {} }) };
}

/** A silent server is noticed after three of these, ms. */
const pingIntervalMs = 4_000;

/** @throws what the client throws; never before it is known that there is no connection */
export function connectTo(url: string, timeoutMs: number): Promise<NatsConnection> {
  return connect({
    ...connectionOptionsOf(url),
    name: 'hydrogen',
    timeout: timeoutMs,
    // Once it has stood, it is made again for as long as it takes, whatever it fails with.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 500,
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
  });
}
