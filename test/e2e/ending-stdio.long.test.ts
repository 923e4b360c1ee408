import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOfWork } from '../support/answers.ts';
import { endless, expectOrderly, hears, inTurn, type Prepared, pause, prepare } from '../support/ending.ts';
import { posix } from '../support/platform.ts';
import type { Settings } from '../support/process.ts';
import { type RawServer, startServer } from '../support/raw-server.ts';

let prepared: Prepared;
/** A hub whose files never come. */
const hub = createServer(
  (_request, response) => void response.writeHead(200, { 'content-length': '1000000' }).write('{'),
);
let mirror: string;

beforeAll(async () => {
  prepared = await prepare(9);
  hub.listen(0, '127.0.0.1');
  await once(hub, 'listening');
  mirror = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
}, 120_000);

afterAll(async () => {
  hub.closeAllConnections();
  hub.close();
  await prepared.remove();
});

interface State {
  readonly settings?: () => Settings;
  /**
   * Brings the server there, with a folder of the case or one that is watched; returns the ids of the requests that
   * must still be answered.
   */
  readonly reach: (server: RawServer, directory: string) => Promise<readonly number[]>;
}

/** It was taken up: what is asked after it has been answered. */
async function begun(server: RawServer): Promise<void> {
  await server.answerTo(server.request('ping'));
  await pause(200);
}

async function watching(server: RawServer, folder: string): Promise<void> {
  await server.handshake();
  await server.logged('watched', folder);
}

const watched: Pick<State, 'settings'> = { settings: () => ({ watch: 'true', logLevel: 'debug' }) };

const states: Readonly<Record<string, State>> = {
  'before the handshake': {
    async reach({ child }) {
      await hears(child);
      return [];
    },
  },
  idle: {
    async reach(server) {
      await server.handshake();
      await begun(server);
      return [];
    },
  },
  'under load, every store thread busy': {
    async reach(server) {
      await server.handshake();
      const long = [1, 2, 3].map(() => server.call('aggregate', endless));
      await begun(server);
      return [...long, ...Array.from({ length: 50 }, () => server.call('list_collections'))];
    },
  },
  'stdout unread': {
    async reach(server) {
      await server.handshake();
      await begun(server);
      server.child.stdout?.pause();
      for (let n = 0; n < 100; n++) server.request('tools/list');
      await pause(500);
      return [];
    },
  },
  'stderr unread': {
    settings: () => ({ logLevel: 'trace' }),
    async reach(server) {
      await server.handshake();
      server.child.stderr?.pause();
      // Fewer at a time than are under way at once at most: of more, the last is refused before the first is answered.
      for (let i = 0; i < 4; i++) {
        const ids = Array.from({ length: 250 }, () => server.call('health', { unknown: 'x'.repeat(50) }));
        for (const id of ids) await server.answerTo(id);
      }
      return [];
    },
  },
  'a watched folder renamed': {
    ...watched,
    async reach(server, directory) {
      await watching(server, directory);
      await rename(directory, join(dirname(directory), 'other'));
      await server.logged('no longer watched', directory);
      return [];
    },
  },
  'a watched folder deleted': {
    ...watched,
    async reach(server, directory) {
      await watching(server, directory);
      await rm(directory, { recursive: true });
      await server.logged('no longer watched', directory);
      return [];
    },
  },
  "a watched folder's parent renamed": {
    ...watched,
    async reach(server, directory) {
      await watching(server, directory);
      await rename(dirname(directory), `${dirname(directory)}-other`);
      await pause(500);
      return [];
    },
  },
  'a model loading': {
    settings: () => ({ embeddingModel: 'Xenova/never-there', embeddingMirror: mirror }),
    async reach(server) {
      await server.handshake();
      const asked = once(hub, 'request');
      const id = server.call('search', { query: 'salt', mode: 'semantic' });
      await asked;
      return [id];
    },
  },
  'a person asked': {
    async reach(server) {
      await server.handshake();
      const id = server.call('delete', { collection: 'things', filter: { n: 1 } });
      await server.received(({ method }) => method === 'elicitation/create');
      return [id];
    },
  },
  'a run under way': {
    async reach(server) {
      await server.handshake();
      const id = server.call('run_workflow', { workflow: 'resting' });
      await server.received(({ method, params }) => method === 'notifications/progress' && isOfWork(params));
      return [id];
    },
  },
  'the parse process busy': {
    async reach(server, directory) {
      await server.handshake();
      const id = server.call('ingest', { paths: [join(directory, 'slow')] });
      await server.received(({ method, params }) => method === 'notifications/progress' && isOfWork(params));
      await pause(500);
      return [id];
    },
  },
};

const ends = posix('signals that ask') ? (['stdin', 'SIGTERM', 'SIGINT'] as const) : (['stdin'] as const);
const cases = Object.entries(states).flatMap(([name, state]) => ends.map((how) => ({ name, how, state })));

async function check(how: 'stdin' | NodeJS.Signals, state: State): Promise<void> {
  const { directory, settings, remove } = await prepared.copy();
  const server = startServer({ ...settings, ...state.settings?.() });
  try {
    const isWatching = state.settings === watched.settings;
    const ids = await state.reach(server, isWatching ? (prepared.watched.pop() ?? '') : directory);
    const ended = await server.end(how);
    server.child.stderr?.resume();
    await pause(50);
    expectOrderly(ended);
    const answered = server.messages.flatMap(({ id, method }) => (method === undefined ? [id] : []));
    expect(
      ids.filter((id) => !answered.includes(id)),
      'not answered',
    ).toEqual([]);
  } finally {
    server.child.kill('SIGKILL');
    await remove();
  }
}

describe.concurrent('a server on stdio is gone within three seconds, and what was asked is answered', () => {
  test.each(cases)('$name: $how', { timeout: 300_000 }, ({ how, state }) => inTurn(() => check(how, state)));

  test.runIf(posix('SIGHUP'))('idle: SIGHUP, when its terminal closes', { timeout: 300_000 }, () =>
    inTurn(() => check('SIGHUP', states['idle'] as State)),
  );
});
