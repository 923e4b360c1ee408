import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';
import type { EventsServer } from '../../../src/stores/events/events.ts';
import { lazyNatsEvents } from '../../../src/stores/events/nats/lazy.ts';
import { hasNats, type NatsServer, natsSkip, startNats } from '../../support/servers/nats.ts';

describe.skipIf(!hasNats)(`messages between nodes over NATS${natsSkip}`, () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(() => server.stop());

  interface Node extends EventsServer {
    readonly heard: string[];
  }

  function openNode(prefix: string): Node {
    const events = lazyNatsEvents({
      url: server.url,
      setting: 'setting natsUrl',
      prefix,
      log: createLog('silent'),
    });
    onTestFinished(() => events.close());
    const heard: string[] = [];
    events.receive((text) => heard.push(text));
    return { ...events, heard };
  }

  /** Says something until another node hears it: it may not listen yet. */
  const reach = (from: Node, to: Node, text: string) =>
    expect
      .poll(
        () => {
          from.send(text);
          return to.heard;
        },
        { timeout: 15_000, interval: 50 },
      )
      .toContain(text);

  test('reach the other nodes, and not the one that sends them', async () => {
    const [one, other] = [openNode('one'), openNode('one')];
    await reach(one, other, 'hello');
    expect(one.heard).toEqual([]);
  });

  test('stay among the nodes of one prefix', async () => {
    const [one, other, foreign] = [openNode('two'), openNode('two'), openNode('three')];
    await reach(one, other, 'hello');
    await reach(foreign, openNode('three'), 'hello there');
    expect(foreign.heard).toEqual([]);
    expect(other.heard).not.toContain('hello there');
  });

  test('go on after the server was killed and started again', async () => {
    const [one, other] = [openNode('four'), openNode('four')];
    await reach(one, other, 'before');
    await server.kill();
    await server.restart();
    await reach(one, other, 'after');
  });
});
