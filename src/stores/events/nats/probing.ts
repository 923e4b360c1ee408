import { createConnection } from 'node:net';
import { NatsRefusal } from './words.ts';

/** A server greets whoever connects, before anything else, and before TLS. */
const greeting = 'INFO ';
const defaultPort = 4222;

/**
 * Resolves once a server has greeted. The client is only let connect then: it never closes a connection on which nothing
 * came, which would keep the process alive, one more for each attempt.
 * @param host with or without port
 * @throws the system's error, or what is wrong
 */
function greets(host: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { hostname, port } = new URL(`nats://${host}`);
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port) || defaultPort, hostname.replaceAll(/[[\]]/g, ''));
    const end = (error?: unknown): void => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    const stop = (): void => end(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    let said = '';
    socket.setTimeout(timeoutMs, () => end(new Error('timeout')));
    socket.once('error', end);
    socket.once('close', () => end(new Error('closed')));
    socket.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1', 0, greeting.length);
      if (said.startsWith(greeting)) end();
      else if (said.length >= greeting.length) {
        end(new NatsRefusal('does not speak NATS. Check the port in its URL'));
      }
    });
  });
}

/** Those of the servers that are there. @throws what is wrong with the first, where none is */
export async function serversThere(
  hosts: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const greeted = await Promise.allSettled(hosts.map((host) => greets(host, timeoutMs, signal)));
  const there = hosts.filter((_, i) => greeted[i]?.status === 'fulfilled');
  const [first] = greeted;
  if (there.length === 0 && first?.status === 'rejected') throw first.reason;
  return there;
}
