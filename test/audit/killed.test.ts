import type { Client } from '@modelcontextprotocol/client';
import { expect, onTestFinished, test } from 'vitest';
import { entriesFrom } from '../../src/audit/file.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import { verifyChain } from '../../src/audit/verify.ts';
import { auditKeysIn, newAuditKey } from '../../src/config/audit-keys.ts';
import type { AuditLog } from '../../src/stores/audit/audit-log.ts';
import { createEmbeddedAuditLog } from '../../src/stores/embedded/audit/audit.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { lazyMongoAuditLog } from '../../src/stores/mongodb/shared/lazy.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { isInstalled, mongoStoreForTest, skipReason, startServer } from '../support/mongo-servers.ts';
import { bare, type Settings, stdioClient } from '../support/process.ts';
import { repetitions } from '../support/repetitions.ts';

/** Calls of a client that are under way at once, and how many are answered before the servers are killed. */
const [atOnce, perRound] = [8, 60];

/** Two servers change data until so many changes were answered, and are killed. @returns the names of these changes */
async function changesUntilKilled(settings: Settings, round: number): Promise<string[]> {
  const servers = await Promise.all([stdioClient(settings), stdioClient(settings)]);
  const answered: string[] = [];
  let [made, isKilled] = [0, false];
  const kill = (): void => {
    if (!isKilled) for (const { pid } of servers) process.kill(pid, 'SIGKILL');
    isKilled = true;
  };
  async function change(client: Client): Promise<void> {
    const name = `change ${round}.${++made};`;
    const args = { collection: 'plants', documents: [{ name }] };
    const answer = await client.callTool({ name: 'insert', arguments: args }).catch(() => undefined);
    if (answer && answer.isError !== true) answered.push(name);
    if (answered.length >= perRound) kill();
  }
  async function work(client: Client): Promise<void> {
    while (!isKilled) await change(client);
  }
  await Promise.all(servers.flatMap(({ client }) => Array.from({ length: atOnce }, () => work(client))));
  await Promise.all(servers.map(({ close }) => close()));
  return answered;
}

interface Place {
  readonly settings: Settings;
  /** The record, once the servers are gone. */
  open(dataDir: string): AuditLog;
}

/** Kills servers that write, again and again: what was answered is in one chain. */
async function expectRecorded({ settings, open }: Place): Promise<void> {
  const dataDir = await temporaryDirectory();
  const auditKey = newAuditKey();
  const writing = { enableWrites: 'true', confirmWrites: 'never', auditArguments: 'text' };
  const answered: string[] = [];
  for (let round = 0; round < repetitions(2, 4); round++) {
    const all = { ...bare, ...writing, ...settings, dataDir, auditKey };
    answered.push(...(await changesUntilKilled(all, round)));
  }
  const log = open(dataDir);
  const verdict = await verifyChain(entriesFrom(log, 1, testCall()), { keys: auditKeysIn(auditKey) });
  const records: (AuditRecord & { readonly said: string })[] = [];
  for await (const page of entriesFrom(log, 1, testCall())) {
    for (const { text, argumentsText = '' } of page) {
      records.push({ ...(JSON.parse(text) as AuditRecord), said: argumentsText });
    }
  }
  // No record has lost the text that lies beside it.
  expect(verdict).toMatchObject({ faults: [], textsGone: 0 });
  const calls = new Map(
    records.flatMap(({ event, call, said }) =>
      event === 'begun' ? [[call, /change [\d.]+;/.exec(said)?.[0]] as const] : [],
    ),
  );
  const recorded = new Set(
    records.flatMap(({ event, outcome, call }) =>
      event === 'ended' && outcome === 'ok' ? [calls.get(call)] : [],
    ),
  );
  expect(answered.length).toBeGreaterThanOrEqual(2 * perRound);
  expect(answered.filter((name) => !recorded.has(name))).toEqual([]);
}

test('two servers that change data are killed: one chain, as it was made, with every change that was answered', () =>
  expectRecorded({
    settings: {},
    open(dataDir) {
      const file = createEmbeddedStore(dataDir, 1);
      onTestFinished(() => file.close());
      return createEmbeddedAuditLog(file);
    },
  }));

const name = 'mongo-java-server';

test.skipIf(!isInstalled(name))(`the same, where the record is on MongoDB${skipReason(name)}`, async () => {
  const { url, stop } = await startServer(name);
  onTestFinished(stop);
  const storeDatabase = 'hydrogen-killed';
  await expectRecorded({
    settings: { journalStore: 'mongodb', mongodbUrl: url, storeDatabase, defaultConnection: 'embedded' },
    open: () => lazyMongoAuditLog(mongoStoreForTest(url, { database: storeDatabase, timeoutMs: 10_000 })),
  });
});
