// What the audit record costs: changes at once with and without it, and how fast a chain is verified.
//   npm run bench -- audit [--records N] [--changes N] [--json]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openApp } from '../../src/app.ts';
import { chained, codingKey } from '../../src/audit/chain.ts';
import { entriesFrom } from '../../src/audit/file.ts';
import { verifyChain } from '../../src/audit/verify.ts';
import { systemCall } from '../../src/call.ts';
import { auditKeysIn, newAuditKey } from '../../src/config/audit-keys.ts';
import { settings } from '../../src/config.ts';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedAuditLog } from '../../src/stores/embedded/audit/audit.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { executeTool } from '../../src/tools/common/execute.ts';
import { insert } from '../../src/tools/insert.ts';
import { table } from '../demo/table.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    changes: { type: 'string', default: '2000' },
    json: { type: 'boolean', default: false },
  },
});
const records = Number(values.records);
const changes = Number(values.changes);

const auditKey = newAuditKey();
const log = createLog('silent');
const call = systemCall(log);
const folder = await mkdtemp(join(tmpdir(), 'hydrogen-bench-'));
const figures: { what: string; value: number; unit: string }[] = [];
const add = (what: string, value: number, unit: string): void =>
  void figures.push({ what, value: Math.round(value), unit });

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

/** Inserts a second, of one document each, so many at once. */
async function insertRate(name: string, atOnce: number, given: object): Promise<number> {
  const config = { dataDir: join(folder, name), embeddingModel: 'none', sampleWorkflows: false };
  const app = await openApp(settings.parse({ ...config, enableWrites: true, ...given }), log);
  const one = (): Promise<unknown> =>
    executeTool(insert, { collection: 'plants', documents: [{ name: 'oak' }] }, app, call);
  await one();
  let left = changes;
  const work = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  const seconds = await timed(() => Promise.all(Array.from({ length: atOnce }, work)));
  await app.close();
  return changes / seconds;
}

/** A chain as a server makes it. */
async function makeChain(): Promise<ReturnType<typeof createEmbeddedStore>> {
  const file = createEmbeddedStore(join(folder, 'chain'), 2);
  const audit = createEmbeddedAuditLog(file);
  const key = codingKey(auditKeysIn(auditKey));
  const facts = {
    event: 'begun',
    call: 'c7Zq0Wn3bXyA',
    caller: { id: 'key:3f9a', name: 'Rosa' },
    kind: 'tool',
    action: 'call',
    name: 'insert',
    operation: 'write',
    transport: 'http',
    client: 'assistant 1.2.3',
    session: 'Vq8mJ0Zr5tYxKp2L',
    address: '192.0.2.17',
    arguments: { digest: 'Qm9nk0Xb3yXwU1bZlq7m2rT5cVvB8nM4kJ6hG9fD0sA' },
  } as const;
  for (let from = 0; from < records; from += 5_000) {
    const { entry } = await audit.end(call);
    const batch = Array.from({ length: Math.min(5_000, records - from) }, () => ({ facts, at: Date.now() }));
    await audit.append(entry, chained(entry, batch, key), call);
  }
  return file;
}

try {
  for (const atOnce of [1, 64]) {
    add(`inserts, ${atOnce} at once, no record`, await insertRate(`off-${atOnce}`, atOnce, {}), '/s');
    add(`inserts, ${atOnce} at once, recorded`, await insertRate(`on-${atOnce}`, atOnce, { auditKey }), '/s');
  }
  const file = await makeChain();
  const before = process.cpuUsage();
  const seconds = await timed(async () => {
    const found = await verifyChain(entriesFrom(createEmbeddedAuditLog(file), 1, call), {
      keys: auditKeysIn(auditKey),
    });
    if (found.records !== records || found.faults.length > 0) throw new Error(JSON.stringify(found));
  });
  const { user, system } = process.cpuUsage(before);
  add(`verify ${records} records`, records / seconds, 'records/s');
  add('verify, by a second of processor time', (records / (user + system)) * 1e6, 'records/s');
  await file.close();
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.stdout.write(
  `${values.json ? JSON.stringify(figures, null, 2) : table(figures.map((figure) => ({ ...figure })))}\n`,
);
