import { rename } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Client } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOfWork, summaryOf } from '../support/answers.ts';
import { type Era, eras, newClient } from '../support/connected.ts';
import {
  endless,
  expectOrderly,
  inTurn,
  type Prepared,
  pause,
  prepare,
  type Started,
  start,
} from '../support/ending.ts';
import { posix } from '../support/platform.ts';
import type { Settings } from '../support/process.ts';

let prepared: Prepared;

beforeAll(async () => {
  prepared = await prepare(2);
}, 120_000);

afterAll(() => prepared.remove());

interface Served extends Started {
  readonly base: string;
  readonly directory: string;
  readonly settings: Settings;
  connect(era: Era, person?: () => Promise<'accept' | 'decline'>): Promise<Client>;
}

/** Does something with a server of its own on a free port. */
async function withServer(settings: Settings, work: (server: Served) => Promise<void>): Promise<void> {
  const copy = await prepared.copy();
  const given = { ...copy.settings, httpPort: '0', ...settings };
  const started = start(['serve', '--http'], given);
  const clients: Client[] = [];
  try {
    const { url } = (await started.logged('serving')) as unknown as { url: string };
    await work({
      ...started,
      ...copy,
      settings: given,
      base: url.replace('/mcp', ''),
      async connect(era, person) {
        const client = newClient(era, person ? { elicitation: {} } : {});
        if (person) {
          client.setRequestHandler('elicitation/create', async () => ({
            action: await person(),
            content: { confirm: true },
          }));
        }
        await client.connect(new StreamableHTTPClientTransport(new URL(url)));
        clients.push(client);
        return client;
      },
    });
  } finally {
    started.child.kill('SIGKILL');
    await Promise.allSettled(clients.map((client) => client.close()));
    await copy.remove();
  }
}

/** What became of a call: what the answer says, or the error that came instead of one. */
async function outcome(call: ReturnType<Client['callTool']>): Promise<string> {
  try {
    return summaryOf((await call) as Awaited<ReturnType<Client['callTool']>>);
  } catch (error) {
    return String(error);
  }
}

/** A run of which the first step is done. */
function startedRun(client: Client): { readonly begun: Promise<void>; readonly answer: Promise<string> } {
  const begun = Promise.withResolvers<void>();
  const request = { name: 'run_workflow', arguments: { workflow: 'resting' } };
  const answer = outcome(
    client.callTool(request, { onprogress: (notice) => isOfWork(notice) && begun.resolve() }),
  );
  return { begun: begun.promise, answer };
}

function ping(id: number): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' }),
  };
}

async function refused(base: string): Promise<Response> {
  for (;;) {
    const response = await fetch(`${base}/mcp`, ping(7));
    if (response.status === 503) return response;
    await response.body?.cancel();
    await pause(20);
  }
}

type Reach = (server: Served) => Promise<readonly Promise<string>[]>;

const states: Readonly<Record<string, Reach>> = {
  'nobody has connected': async () => [],
  'sessions with open streams, and idle connections': async ({ connect, base }) => {
    for (const era of [...eras, ...eras]) await connect(era);
    await Promise.all([1, 2, 3].map(async () => (await fetch(`${base}/health/liveness`)).text()));
    await pause(200);
    return [];
  },
  'under load, every store thread busy': async ({ connect }) => {
    const clients = await Promise.all(eras.map((era) => connect(era)));
    const calls = clients.flatMap((client) =>
      [1, 2].map(() => outcome(client.callTool({ name: 'aggregate', arguments: endless }))),
    );
    await pause(500);
    return calls;
  },
  'a run under way': async ({ connect }) => {
    const clients = await Promise.all(eras.map((era) => connect(era)));
    const runs = clients.map(startedRun);
    await Promise.all(runs.map(({ begun }) => begun));
    return runs.map(({ answer }) => answer);
  },
  'a person asked': async ({ connect }) => {
    const asked = Promise.withResolvers<void>();
    const client = await connect('2025-11-25', () => {
      asked.resolve();
      return new Promise(() => {});
    });
    const call = outcome(
      client.callTool({ name: 'delete', arguments: { collection: 'things', filter: { n: 1 } } }),
    );
    await asked.promise;
    return [call];
  },
  'the parse process busy': async ({ connect, directory }) => {
    const client = await connect('2026-07-28');
    const begun = Promise.withResolvers<void>();
    const call = outcome(
      client.callTool(
        { name: 'ingest', arguments: { paths: [join(directory, 'slow')] } },
        { onprogress: (notice) => isOfWork(notice) && begun.resolve() },
      ),
    );
    await begun.promise;
    await pause(300);
    return [call];
  },
  'a watched folder renamed': async ({ logged }) => {
    const folder = prepared.watched.pop() ?? '';
    await logged('watched', folder);
    await rename(folder, join(dirname(folder), 'other'));
    await logged('no longer watched', folder);
    return [];
  },
};

const cases = Object.entries(states).flatMap(([name, reach]) =>
  (['SIGTERM', 'SIGINT'] as const).map((how) => ({ name, how, reach })),
);

describe
  .runIf(posix('signals that ask'))
  .concurrent('a server on HTTP ends after drainMs at the latest, and answers what was asked', () => {
    test.each(cases)('$name: $how', { timeout: 120_000 }, ({ how, reach }) =>
      inTurn(() =>
        withServer({ drainMs: '500', watch: 'true', logLevel: 'debug' }, async (server) => {
          const calls = await reach(server);
          server.child.kill(how);
          expectOrderly(await server.ended(), 3_500);
          for (const text of await Promise.all(calls)) {
            expect(text).toMatch(/server is shutting down|"state":"(pending|running)"/);
          }
        }),
      ),
    );
  });

describe.runIf(posix('signals that ask')).concurrent('while a server on HTTP is stopping', () => {
  const serving = (settings: Settings, work: (server: Served) => Promise<void>) => () =>
    inTurn(() => withServer(settings, work));

  test(
    'new calls are refused, health says so, and a call under way gets its result',
    { timeout: 120_000 },
    serving({ drainMs: '60000' }, async ({ connect, base, child, ended }) => {
      const asked = Promise.withResolvers<void>();
      const reply = Promise.withResolvers<'accept'>();
      const client = await connect('2025-11-25', () => {
        asked.resolve();
        return reply.promise;
      });
      const call = outcome(
        client.callTool({ name: 'delete', arguments: { collection: 'things', filter: { n: 1 } } }),
      );
      await asked.promise;
      child.kill('SIGTERM');

      const response = await refused(base);
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(await response.json()).toMatchObject({
        jsonrpc: '2.0',
        id: 7,
        error: { message: expect.stringMatching(/shutting down.*Nothing was done.*later/) },
      });
      const readiness = await fetch(`${base}/health/readiness`);
      expect([readiness.status, await readiness.json()]).toEqual([503, { ready: false, stopping: true }]);
      expect((await fetch(`${base}/health/liveness`)).status).toBe(200);

      reply.resolve('accept');
      expect(await call).toMatch(/"deleted":1/);
      expectOrderly(await ended(), 60_000);
    }),
  );

  test(
    'a request whose body does not come is answered before the connection closes',
    { timeout: 120_000 },
    serving({ drainMs: '300' }, async ({ base, child, ended }) => {
      const socket = createConnection(Number(new URL(base).port), '127.0.0.1');
      const answer = text(socket);
      socket.write(
        'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 300\r\n\r\n{',
      );
      // Asked on another connection later, answered once the first is read.
      expect((await fetch(`${base}/health/liveness`)).status).toBe(200);
      child.kill('SIGTERM');
      expect(await answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*shutting down.*Nothing was done/);
      await ended();
    }),
  );

  test(
    'a second signal ends it at once',
    { timeout: 120_000 },
    serving({ drainMs: '60000' }, async ({ connect, base, child, ended }) => {
      const client = await connect('2026-07-28');
      const call = outcome(client.callTool({ name: 'aggregate', arguments: endless }));
      await pause(300);
      child.kill('SIGTERM');
      await refused(base);
      child.kill('SIGTERM');
      // Within 10 s, of 60 that it would drain.
      const { code, signal } = await ended();
      expect([code, signal]).toEqual([143, null]);
      expect(await call).toMatch(/Error/);
    }),
  );

  test(
    'a run is given back, and goes on at the next start; what was acknowledged is there',
    { timeout: 120_000 },
    serving({ drainMs: '100' }, async ({ connect, child, ended, settings }) => {
      const client = await connect('2026-07-28');
      const documents = [{ _id: 'kept' }];
      await client.callTool({ name: 'insert', arguments: { collection: 'kept', documents } });
      const { begun, answer } = startedRun(client);
      await begun;
      child.kill('SIGTERM');
      await ended();
      const id = /"run_id":"([^"]+)"/.exec(await answer)?.[1];

      const next = start(['serve', '--http'], settings);
      try {
        const { url } = (await next.logged('serving')) as unknown as { url: string };
        const again = newClient('2026-07-28');
        await again.connect(new StreamableHTTPClientTransport(new URL(url)));
        const state = async (): Promise<string> =>
          outcome(again.callTool({ name: 'get_run', arguments: { run_id: id } }));
        while (!/"state":"running"/.test(await state())) await pause(50);
        expect(await outcome(again.callTool({ name: 'count', arguments: { collection: 'kept' } }))).toMatch(
          /1/,
        );
        await again.close();
      } finally {
        next.child.kill('SIGKILL');
      }
    }),
  );
});
