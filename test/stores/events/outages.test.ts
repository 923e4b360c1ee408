// A server that is away makes notices late, never wrong, and keeps no call waiting.
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { DiscardPolicy, jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';
import type { Change, EventsServer } from '../../../src/stores/events/events.ts';
import { lazyNatsEvents } from '../../../src/stores/events/nats/lazy.ts';
import { testCall } from '../../support/call.ts';
import { hasNats, type NatsServer, natsSkip, startNats } from '../../support/servers/nats.ts';
import { freePort } from '../../support/servers/program.ts';
import { collection, listener, run } from './contract.ts';

function eventsOn(url: string, timeoutMs = 500): EventsServer {
  const events = lazyNatsEvents({ url, setting: 'setting natsUrl', timeoutMs, log: createLog('silent') });
  onTestFinished(() => events.close());
  return events;
}

async function nats(options: Parameters<typeof startNats>[0] = {}): Promise<NatsServer> {
  const server = await startNats(options);
  onTestFinished(() => server.kill());
  return server;
}

async function receiving(url: string): Promise<EventsServer> {
  const events = eventsOn(url);
  await events.ping(testCall());
  return events;
}

/** What a server that cannot be used is said to be; it must not hold the server's address or password. */
async function complaintOf(events: EventsServer): Promise<string> {
  const begun = performance.now();
  await events.publish(run('r-1'));
  expect(performance.now() - begun).toBeLessThan(2_000);
  const failed = await events.ping(testCall()).then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );
  const state = events.state();
  expect(state.state === 'down' ? state.why : '').toBe(failed);
  expect(failed).not.toMatch(/127\.0\.0\.1|secret|localhost/);
  return failed;
}

async function silentPort(answer?: string): Promise<number> {
  const silent = createServer((socket) => {
    socket.on('error', () => {});
    if (answer !== undefined) socket.end(answer);
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const address = silent.address();
  return typeof address === 'object' && address ? address.port : 0;
}

test('before it is used nothing connects', () => {
  expect(eventsOn('nats://127.0.0.1:1').state()).toEqual({ state: 'unused' });
});

test('where nothing listens, this process is told nevertheless, and the state says so', async () => {
  const events = eventsOn(`nats://127.0.0.1:${await freePort()}`);
  const heard = await listener(events);
  await events.publish(run('r-1'));
  expect(heard.told).toEqual([run('r-1')]);
  expect(await complaintOf(events)).toBe(
    'The NATS server (setting natsUrl) cannot be reached: nothing listens at its address. Check that it runs; other nodes learn of changes later meanwhile.',
  );
});

test.each<[string, string, RegExp]>([
  ['a host that does not exist', 'nats://jane:secret@nats.invalid:4222', /host name cannot be resolved/],
  ['an address of another kind', 'http://secret@127.0.0.1:1', /Begin its URL with nats:\/\//],
])('%s is said', async (_, url, words) => {
  expect(await complaintOf(eventsOn(url, 3_000))).toMatch(words);
});

test('a server that accepts and never answers is said', async () => {
  const events = eventsOn(`nats://127.0.0.1:${await silentPort()}`);
  expect(await complaintOf(events)).toContain('does not answer in time');
});

test('a server that speaks something else is said', async () => {
  const events = eventsOn(`nats://127.0.0.1:${await silentPort('HTTP/1.1 400 Bad Request\r\n\r\n')}`);
  expect(await complaintOf(events)).toContain('does not speak NATS. Check the port in its URL;');
});

describe.skipIf(!hasNats)(`NATS${natsSkip}`, () => {
  test('a wrong password is said, and not shown', async () => {
    const server = await nats({ password: 'right' });
    expect(await complaintOf(eventsOn(`nats://hydrogen:secret@127.0.0.1:${server.port}`))).toBe(
      'The NATS server (setting natsUrl) rejects the user, password or token. Correct them in its URL; other nodes learn of changes later meanwhile.',
    );
    expect(await complaintOf(eventsOn(`nats://127.0.0.1:${server.port}`))).toMatch(/rejects the user/);
    expect(await complaintOf(eventsOn(server.url))).toBe('');
  });

  test('a server without JetStream is said', async () => {
    const server = await nats({ jetStream: false });
    expect(await complaintOf(eventsOn(server.url))).toBe(
      'The NATS server (setting natsUrl) keeps no messages: JetStream is not enabled there. Enable it (jetstream {} in its configuration); other nodes learn of changes later meanwhile.',
    );
  });

  test('TLS where the server has none is said', async () => {
    const server = await nats();
    const events = eventsOn(`tls://127.0.0.1:${server.port}`);
    expect(await complaintOf(events)).toMatch(/tls:\/\/ in its URL/);
  });

  test('what a command has changed is told, though it ends before the connection stands', async () => {
    const server = await nats();
    const heard = await listener(await receiving(server.url));
    const command = eventsOn(server.url);
    await command.publish(run('r-1'));
    await command.close();
    await expect.poll(() => heard.told, { timeout: 5_000 }).toEqual([run('r-1')]);
  });

  test('a server that starts late is found', async () => {
    const server = await nats();
    await server.stop();
    const [one, two] = [eventsOn(server.url), eventsOn(server.url)];
    const heard = await listener(two);
    await one.publish(run('early'));
    await complaintOf(one);
    await server.restart();
    await expect.poll(() => one.state().state, { timeout: 10_000 }).toBe('up');
    await expect.poll(() => two.state().state, { timeout: 10_000 }).toBe('up');
    await one.publish(run('late'));
    await expect.poll(() => heard.told, { timeout: 10_000 }).toContainEqual(run('late'));
  });

  test('a node that could not connect at first is told that everything may have changed, once', async () => {
    const server = await nats();
    const other = await receiving(server.url);
    await server.stop();
    const events = eventsOn(server.url);
    const heard = await listener(events);
    await complaintOf(events);
    await server.restart();
    await expect.poll(() => events.state().state, { timeout: 10_000 }).toBe('up');
    await expect.poll(() => other.state().state, { timeout: 10_000 }).toBe('up');
    await other.publish(run('after'));
    await expect.poll(() => heard.told, { timeout: 10_000 }).toContainEqual(run('after'));
    expect(heard.told.filter(({ type }) => type === 'everything.changed')).toHaveLength(1);
  });

  test('changes during a crash of the server are told when it is back, each once', async () => {
    const server = await nats();
    const [one, two] = [await receiving(server.url), await receiving(server.url)];
    const heard = await listener(two);
    await one.publish(run('before'));
    await expect.poll(() => heard.told).toEqual([run('before')]);
    await server.kill();
    await expect.poll(() => one.state().state).toBe('down');
    for (let i = 0; i < 20; i++) await one.publish(run(`during ${i}`));
    await server.restart();
    const begun = performance.now();
    await expect.poll(() => heard.told.at(-1), { timeout: 15_000 }).toEqual(run('during 19'));
    expect(performance.now() - begun).toBeLessThan(5_000);
    await one.publish(run('after'));
    await expect.poll(() => heard.told.at(-1)).toEqual(run('after'));
    const runs = heard.told.filter(({ type }) => type === 'run.changed');
    expect(runs).toHaveLength(22);
    expect(new Set(runs.map((change) => JSON.stringify(change))).size).toBe(22);
  });

  test('a stopped server is noticed, and what was published meanwhile is told', async () => {
    const server = await nats();
    const [one, two] = [await receiving(server.url), await receiving(server.url)];
    const heard = await listener(two);
    await server.pause();
    const begun = performance.now();
    await one.publish(run('during'));
    expect(performance.now() - begun).toBeLessThan(100);
    await expect.poll(() => one.state().state, { timeout: 5_000 }).toBe('down');
    server.resume();
    await expect.poll(() => heard.told, { timeout: 10_000 }).toEqual([run('during')]);
    await expect.poll(() => one.state().state, { timeout: 5_000 }).toBe('up');
  });

  test('a node whose stream was removed is told that everything may have changed', async () => {
    const server = await nats();
    const events = await receiving(server.url);
    const heard = await listener(events);
    const admin = await connect({ servers: `127.0.0.1:${server.port}` });
    onTestFinished(() => admin.close());
    const manager = await jetstream(admin).jetstreamManager();
    await manager.streams.delete('HYDROGEN');
    await expect.poll(() => heard.told, { timeout: 20_000 }).toContainEqual({ type: 'everything.changed' });
    const other = await receiving(server.url);
    await other.publish(run('after'));
    await expect.poll(() => heard.told, { timeout: 10_000 }).toContainEqual(run('after'));
  });

  test('a stream that takes nothing is tried now and then, however much is published', async () => {
    const server = await nats();
    const admin = await connect({ servers: `127.0.0.1:${server.port}` });
    onTestFinished(() => admin.close());
    const manager = await jetstream(admin).jetstreamManager();
    const full = { name: 'HYDROGEN', subjects: ['hydrogen.>'], max_bytes: 10 };
    await manager.streams.add({ ...full, discard: DiscardPolicy.New });
    let tries = 0;
    admin.subscribe('hydrogen.>', { callback: () => void tries++ });
    const events = await receiving(server.url);
    for (let i = 0; i < 50; i++) {
      await events.publish(run(`r-${i}`));
      await delay(20);
    }
    // One try every 2 s.
    expect(tries).toBeLessThan(5);
    expect(events.state()).toMatchObject({ state: 'down', why: expect.stringContaining('has no room') });
    await manager.streams.update('HYDROGEN', { max_bytes: -1 });
    const kept = async (): Promise<number> => (await manager.streams.info('HYDROGEN')).state.messages;
    await expect.poll(kept, { timeout: 10_000 }).toBe(50);
  });

  test('what is kept on the server is a CloudEvent, under the subject of its type', async () => {
    const server = await nats();
    const events = await receiving(server.url);
    await events.publish(collection);
    const admin = await connect({ servers: `127.0.0.1:${server.port}` });
    onTestFinished(() => admin.close());
    const manager = await jetstream(admin).jetstreamManager();
    const last = () =>
      manager.streams.getMessage('HYDROGEN', { last_by_subj: 'hydrogen.collection.changed' });
    await expect.poll(last).toBeTruthy();
    const message = await last();
    expect(message?.json()).toEqual({
      specversion: '1.0',
      id: expect.any(String),
      source: expect.stringMatching(/^\/hydrogen\/nodes\//),
      type: 'hydrogen.collection.changed',
      subject: 'sales/shop/orders',
      time: expect.stringMatching(/Z$/),
      datacontenttype: 'application/json',
      data: 'data' in collection ? collection.data : undefined,
    });
    const { config } = await manager.streams.info('HYDROGEN');
    expect(config).toMatchObject({ max_age: 3.6e12, storage: 'file', discard: 'old' });
  });

  test('what others put there is ignored', async () => {
    const server = await nats();
    const events = await receiving(server.url);
    const heard = await listener(events);
    const admin = await connect({ servers: `127.0.0.1:${server.port}` });
    onTestFinished(() => admin.close());
    const strangers: (Change | object | string)[] = ['no json', { type: 'hydrogen.run.changed' }, { a: 1 }];
    for (const message of strangers) {
      await jetstream(admin).publish(
        'hydrogen.run.changed',
        typeof message === 'string' ? message : JSON.stringify(message),
      );
    }
    const other = await receiving(server.url);
    await other.publish(run('ours'));
    await expect.poll(() => heard.told).toEqual([run('ours')]);
  });
});

test('attempts at a silent server leave nothing behind', async () => {
  const open = new Set<unknown>();
  const silent = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const address = silent.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const events = eventsOn(`nats://127.0.0.1:${port}`, 100);
  await events.publish(run('r-1'));
  await expect.poll(() => events.state().state).toBe('down');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(open.size).toBeLessThanOrEqual(1);
  await events.close();
  await expect.poll(() => open.size).toBe(0);
});
