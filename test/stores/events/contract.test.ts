import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';
import type { Events } from '../../../src/stores/events/events.ts';
import { createInProcessEvents } from '../../../src/stores/events/in-process.ts';
import { createNatsEvents } from '../../../src/stores/events/nats/nats-events.ts';
import { testCall } from '../../support/call.ts';
import { hasNats, type NatsServer, natsSkip, startNats } from '../../support/servers/nats.ts';
import { eventsContract, sharedEventsContract } from './contract.ts';

const log = createLog('silent');

eventsContract({ name: 'in process', open: async () => [createInProcessEvents(log)] });

let server: NatsServer;
beforeAll(async () => {
  if (hasNats) server = await startNats();
});
afterAll(() => server?.kill());

let prefixes = 0;
async function onNats(nodes: number): Promise<readonly [Events, ...Events[]]> {
  const prefix = `test${prefixes++}`;
  const one = async () => {
    const events = createNatsEvents({ url: server.url, setting: 'setting natsUrl', prefix, log });
    onTestFinished(() => events.close());
    await events.ping(testCall());
    return events;
  };
  const first = await one();
  return [first, ...(await Promise.all(Array.from({ length: nodes - 1 }, one)))];
}

describe.skipIf(!hasNats)(`NATS${natsSkip}`, () => {
  eventsContract({ name: 'nats', open: onNats });
  sharedEventsContract({ name: 'nats', open: onNats });
});
