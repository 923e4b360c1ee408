import { toxiproxyProgram } from '../../../scripts/servers/toxiproxy.ts';
import { freePort, type ServerProgram, startProgram } from './program.ts';

export const hasToxiproxy = toxiproxyProgram() !== undefined;
export const toxiproxySkip = hasToxiproxy ? '' : ' (skipped: there is no toxiproxy, see `npm run servers`)';

/** A port that leads to a server, by a way that can be made bad. */
interface Proxy {
  readonly port: number;
  /** Each answer comes this much later. */
  slow(latencyMs: number): Promise<void>;
  /** Connections stay, but nothing comes through. */
  silence(): Promise<void>;
  /** Connections end, and new ones are refused. */
  cut(): Promise<void>;
  /** As good as new. */
  heal(): Promise<void>;
}

interface Toxiproxy extends Pick<ServerProgram, 'stop'> {
  /** A new port that leads to this one. */
  to(port: number): Promise<Proxy>;
}

export async function startToxiproxy(): Promise<Toxiproxy> {
  const port = await freePort();
  const program = await startProgram({
    command: toxiproxyProgram() ?? 'toxiproxy-server',
    args: ['-host', '127.0.0.1', '-port', String(port)],
    port,
  });
  const ask = async (path: string, body?: unknown, method = 'POST'): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`toxiproxy: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  return {
    stop: program.stop,
    async to(upstream) {
      const own = await freePort();
      const name = `to-${upstream}-${own}`;
      const toxics = `/proxies/${name}/toxics`;
      await ask('/proxies', { name, listen: `127.0.0.1:${own}`, upstream: `127.0.0.1:${upstream}` });
      return {
        port: own,
        slow: (latency) =>
          ask(toxics, { name: 'slow', type: 'latency', stream: 'downstream', attributes: { latency } }),
        // A time-out of 0 never comes: the data is held for ever.
        silence: () =>
          ask(toxics, { name: 'silent', type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } }),
        cut: () => ask(`/proxies/${name}`, { enabled: false }),
        heal: async () => {
          await ask(`/proxies/${name}`, { enabled: true });
          await ask('/reset');
        },
      };
    },
  };
}
