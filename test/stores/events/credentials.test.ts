import { createUser } from '@nats-io/nkeys';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';
import type { EventsServer } from '../../../src/stores/events/events.ts';
import { lazyNatsEvents } from '../../../src/stores/events/nats/lazy.ts';
import { testCall } from '../../support/call.ts';
import { hasNats, natsSkip, startNats } from '../../support/servers/nats.ts';

/** A file as the tools of NATS write it; a server that knows the key does not look at the token. */
const fileWith = (seed: string): string =>
  [
    '-----BEGIN NATS USER JWT-----',
    'eyJ0eXAiOiJKV1QifQ.e30.sig',
    '------END NATS USER JWT------',
    '',
    '************************* IMPORTANT *************************',
    'NKEY Seed printed below can be used to sign and prove identity.',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
  ].join('\n');

describe.skipIf(!hasNats)(`a NATS server that wants credentials${natsSkip}`, () => {
  async function eventsWith(credentials: (seed: string) => string): Promise<EventsServer> {
    const user = createUser();
    const server = await startNats({ nkey: user.getPublicKey() });
    onTestFinished(() => server.kill());
    const events = lazyNatsEvents({
      url: server.url,
      credentials: credentials(new TextDecoder().decode(user.getSeed())),
      setting: 'setting natsUrl',
      timeoutMs: 1_000,
      log: createLog('silent'),
    });
    onTestFinished(() => events.close());
    return events;
  }

  test('takes those of a file, also without the end of its last line', async () => {
    const events = await eventsWith(fileWith);
    expect(await events.ping(testCall())).toBeGreaterThan(0);
  });

  test('refuses the key of somebody else, in words that do not show it', async () => {
    const other = new TextDecoder().decode(createUser().getSeed());
    const events = await eventsWith(() => fileWith(other));
    const refusal = await events.ping(testCall()).catch((error: Error) => error.message);
    expect(refusal).toBe(
      'The NATS server (setting natsUrl) rejects the user of its credentials. Correct natsCredentials; other nodes learn of changes later meanwhile.',
    );
    expect(refusal).not.toContain(other);
  });

  test('is not asked with a text that is no credentials file', async () => {
    const events = await eventsWith((seed) => seed);
    await expect(events.ping(testCall())).rejects.toThrow(
      /was given what is not the text of a credentials file\. Set natsCredentials/,
    );
  });
});
