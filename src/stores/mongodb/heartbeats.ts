import type { MongoClient } from 'mongodb';

/** What the driver may take longer than it says, ms. */
const graceMs = 500;

/**
 * Tells once when a client has lost a heartbeat. The driver (7.9.1, `Connection.writeCommand`) waits without end for one
 * that it writes to a socket which is being destroyed at that moment, as may happen whenever the server, or a way to it,
 * goes: to that client the server is away from then on, whatever it answers.
 */
export function watchHeartbeats(client: MongoClient, onLost: () => void): void {
  const { connectTimeoutMS, heartbeatFrequencyMS } = client.options;
  /** By the address of the server. */
  const underWay = new Map<string, NodeJS.Timeout>();
  const ended = ({ connectionId }: { readonly connectionId: string }): void => {
    clearTimeout(underWay.get(connectionId));
    underWay.delete(connectionId);
  };
  client.on('serverHeartbeatStarted', (started) => {
    ended(started);
    // One that waits for news is answered after the interval where there are none.
    const limitMs = connectTimeoutMS + (started.awaited ? heartbeatFrequencyMS : 0) + graceMs;
    underWay.set(started.connectionId, setTimeout(onLost, limitMs).unref());
  });
  client.on('serverHeartbeatSucceeded', ended);
  client.on('serverHeartbeatFailed', ended);
  client.on('serverClosed', ({ address }) => ended({ connectionId: address }));
}
