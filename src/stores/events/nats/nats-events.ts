import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JetStreamClient } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { duringCall } from '../../../call-end.ts';
import { HydrogenError } from '../../../errors.ts';
import type { BackendState } from '../../backend.ts';
import { changeOf, contentType } from '../cloud-events.ts';
import type { EventsServer } from '../events.ts';
import { createListeners } from '../listeners.ts';
import { createOutbox } from '../outbox.ts';
import { createNatsChannel } from './channel.ts';
import { connectTo } from './connecting.ts';
import { createReceiving } from './receiving.ts';
import type { NatsEventsSettings } from './settings.ts';
import { isOld } from './stream.ts';
import { natsInWords } from './words.ts';

/** Pauses before the server is tried again, ms. */
const pausesMs = { first: 200, longest: 2_000 };
/** How long closing waits for what has not been sent, ms. */
const lastWordsMs = 1_500;

export function createNatsEvents(settings: NatsEventsSettings): EventsServer {
  const { url, credentials, setting, prefix = 'hydrogen', replicas = 1, timeoutMs = 2_000, log } = settings;
  const { stream = prefix.toUpperCase().replaceAll(/[^A-Z0-9_-]/g, '_') } = settings;
  const name = `The NATS server (${setting})`;
  const login = credentials === undefined ? 'url' : 'credentials';
  const source = `/hydrogen/nodes/${randomUUID()}`;
  const listeners = createListeners(log);
  const outbox = createOutbox(source);
  const channel = createNatsChannel(prefix, source, log);
  const closing = new AbortController();
  let state: BackendState = { state: 'unused' };
  let connection: NatsConnection | undefined;
  let client: JetStreamClient | undefined;
  let isSending = false;
  /** Runs between a send that failed and the next one. */
  let retry: NodeJS.Timeout | undefined;
  let hasBegun = false;
  let hasFailed = false;
  /** Resolved when the state is known next. */
  let known = Promise.withResolvers<void>();

  function settle(next: BackendState): void {
    state = next;
    known.resolve();
    known = Promise.withResolvers();
  }

  function noteFailure(error: unknown): void {
    if (closing.signal.aborted) return;
    const { message, cause } = natsInWords(error, name, login);
    const since = state.state === 'down' ? state.since : Date.now();
    if (state.state !== 'down') log.warn({ err: cause }, message);
    settle({ state: 'down', since, why: message });
  }

  const receiving = createReceiving({
    ...{ stream, prefix, replicas, timeoutMs },
    ready(made) {
      client = made;
      settle({ state: 'up' });
      endRetry();
      void send();
    },
    receive(message) {
      const told = changeOf(message);
      // What this node has told, it has told itself at once.
      if (told && told.source !== source) listeners.tell(told.change, false);
    },
    isLate: () => hasFailed,
    missed: () => listeners.tell({ type: 'everything.changed' }, false),
  });

  function endRetry(): void {
    clearTimeout(retry);
    retry = undefined;
  }

  /** Sends what waits, one after another; what fails waits for the next connection, or a moment. */
  async function send(): Promise<void> {
    if (isSending || !client) return;
    isSending = true;
    try {
      for (let event = outbox.first(); event && client; event = outbox.first()) {
        const subject = `${prefix}.${event.type.slice(event.type.indexOf('.') + 1)}`;
        const head = headers();
        head.set('content-type', contentType);
        const options = { msgID: event.id, timeout: timeoutMs, headers: head };
        await client.publish(subject, JSON.stringify(event), options);
        outbox.done(event);
        settle({ state: 'up' });
      }
    } catch (error) {
      noteFailure(error);
      retry ??= setTimeout(() => {
        retry = undefined;
        void send();
      }, pausesMs.longest).unref();
    } finally {
      isSending = false;
    }
  }

  async function connected(): Promise<NatsConnection | undefined> {
    if (connection && !connection.isClosed()) return connection;
    const made = await connectTo(url, credentials, timeoutMs, closing.signal);
    if (closing.signal.aborted) {
      await made.close();
      return undefined;
    }
    connection = made;
    channel.use(made);
    if (isOld(made)) {
      const { version } = made.info ?? {};
      log.warn(`${name} is NATS ${version}; 2.10 or newer is wanted, and what is older was not tried.`);
    }
    made
      .closed()
      .then((error) => {
        client = undefined;
        noteFailure(error ?? new Error('disconnected'));
        receiving.stop();
      })
      .catch(noteFailure);
    return made;
  }

  async function attempt(): Promise<void> {
    const made = await connected();
    if (made) await receiving.run(made);
  }

  async function run(): Promise<void> {
    for (let pause = pausesMs.first; !closing.signal.aborted; ) {
      try {
        await attempt();
        pause = pausesMs.first;
      } catch (error) {
        hasFailed = true;
        noteFailure(error);
        pause = Math.min(2 * pause, pausesMs.longest);
      }
      await delay(pause, undefined, { signal: closing.signal, ref: false }).catch(() => {});
    }
  }

  function begin(): void {
    if (hasBegun || closing.signal.aborted) return;
    hasBegun = true;
    void run();
  }

  return {
    async publish(change) {
      listeners.tell(change, true);
      if (closing.signal.aborted) return;
      outbox.add(change);
      begin();
      if (!retry) void send();
    },
    async subscribe(handler) {
      begin();
      return listeners.subscribe(handler);
    },
    send(text) {
      begin();
      channel.send(text);
    },
    receive(handler) {
      begin();
      return channel.receive(handler);
    },
    async ping(call) {
      begin();
      if (state.state === 'unused') await duringCall(known.promise, call);
      if (state.state === 'down') throw new HydrogenError('unavailable', state.why);
      const begun = performance.now();
      try {
        await duringCall(connection?.rtt() ?? Promise.reject(new Error('closed')), call);
      } catch (error) {
        throw natsInWords(error, name, login);
      }
      return performance.now() - begun;
    },
    state: () => state,
    async close() {
      const until = Date.now() + lastWordsMs;
      // A command is over before the connection stands: what it has changed is still to be told.
      while (outbox.size() > 0 && state.state !== 'down' && Date.now() < until) await delay(20);
      closing.abort();
      endRetry();
      receiving.stop();
      await connection?.close().catch(() => {});
      connection = undefined;
      client = undefined;
    },
  };
}
