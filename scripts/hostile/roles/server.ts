import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What no answer to these callers may hold. Calls never say it themselves. */
export const planted = /PLANTED/i;

const rows = [{ collection: 'embedded/main/orders', filter: { tenant: '$caller.tenant' } }];
const hidden = [{ collection: '*/*/orders', fields: ['card', 'note.inner', 'lines.cost'] }];

/** The three who call: one who reads a part, one who changes a part, and one for whom nothing is there. */
export const roles = {
  analyst: {
    operations: ['read', 'run'],
    collections: ['embedded/main/orders', 'embedded/main/tenants'],
    ...{ rows, hidden },
    sources: ['inline'],
    workflows: ['greet'],
  },
  clerk: {
    operations: ['read', 'ingest', 'write', 'destroy'],
    collections: ['embedded/main/orders', 'embedded/main/own*', 'elsewhere/*/*'],
    ...{ rows, hidden },
    sources: ['inline'],
    workflows: [],
  },
  stranger: { collections: [], sources: [], workflows: [] },
} as const;

export type RoleName = keyof typeof roles;

const orders = Array.from({ length: 60 }, (_, i) => {
  const isOwn = i % 2 === 0;
  const tenant = isOwn ? 'north' : 'PLANTED-tenant';
  return {
    ...{ _id: i, tenant, total: i, item: isOwn ? `item ${i}` : 'PLANTED-item', card: `PLANTED-card-${i}` },
    note: { text: 'seen', inner: 'PLANTED-inner' },
    lines: [{ sku: 'k', cost: `PLANTED-cost-${i}` }],
  };
});
const collections = {
  orders,
  tenants: [{ _id: 'north', plan: 'small' }],
  salaries: [{ _id: 1, pay: 'PLANTED-pay' }],
};

const workflow = (name: string, text: string): string =>
  `document: { dsl: '1.0.3', namespace: test, name: ${name}, version: '1.0.0' }\ndo: [{ look: { call: find, with: { collection: orders } } }, { say: { set: { said: ${text} } } }]\n`;

/** A built server with callers of three roles, on HTTP. */
export interface HostileServer {
  readonly url: string;
  readonly pid: number;
  /** Paths that it works in. */
  readonly paths: readonly string[];
  /** A caller's key. */
  readonly keys: Readonly<Record<RoleName, string>>;
  /** How often calls have failed with each code. */
  readonly codes: ReadonlyMap<string, number>;
  /** Failures of the server itself, as they were logged. */
  readonly faults: readonly string[];
  hasEnded(): boolean;
  stop(): Promise<void>;
}

export async function startHostileServer(program: string): Promise<HostileServer> {
  const work = await mkdtemp(join(tmpdir(), 'hydrogen-hostile-'));
  const at = (...parts: string[]): string => join(work, ...parts);
  for (const folder of ['documents', 'workflows', 'exports']) mkdirSync(at(folder));
  for (const [name, documents] of Object.entries(collections)) {
    writeFileSync(at(`${name}.jsonl`), documents.map((one) => JSON.stringify(one)).join('\n'));
  }
  writeFileSync(at('documents', 'plan.txt'), 'The ferry carries PLANTED-cargo.\n');
  writeFileSync(at('workflows', 'greet.yaml'), workflow('greet', 'hello'));
  writeFileSync(at('workflows', 'pay.yaml'), workflow('pay', 'PLANTED-wage'));
  const many = { callsPerMinute: 10_000_000 };
  const env = {
    ...process.env,
    HYDROGEN_DATA_DIR: at('data'),
    HYDROGEN_EMBEDDING_MODEL: 'none',
    HYDROGEN_SAMPLE_WORKFLOWS: 'false',
    HYDROGEN_ENABLE_INGEST: 'true',
    HYDROGEN_ENABLE_WRITES: 'true',
    HYDROGEN_CONFIRM_WRITES: 'never',
    HYDROGEN_FOLDERS: at('documents'),
    HYDROGEN_WORKFLOW_FOLDERS: at('workflows'),
    HYDROGEN_EXPORT_FOLDER: at('exports'),
    HYDROGEN_ROLES: JSON.stringify(roles),
    HYDROGEN_CONNECTIONS: JSON.stringify({
      elsewhere: { url: 'mongodb://root:PLANTED-password@127.0.0.1:9/main', timeoutMs: 300 },
    }),
    HYDROGEN_LIMITS: JSON.stringify({
      requestsPerMinute: 10_000_000,
      ...{ read: many, ingest: many, run: many, write: many, destroy: many },
    }),
    HYDROGEN_MAX_EVENT_LOOP_DELAY_MS: '0',
    HYDROGEN_HTTP_PORT: '0',
    HYDROGEN_LOG_LEVEL: 'info',
  };
  const command = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`hydrogen ${args.join(' ')} ended with code ${status}: ${stderr}`);
    return stdout.trim();
  };
  command('ingest', at('documents'));
  for (const name of Object.keys(collections)) command('import', name, at(`${name}.jsonl`));
  const keys = Object.fromEntries(
    Object.keys(roles).map((role) => {
      const who = ['--scopes', 'read,ingest,run,write,destroy', '--role', role, '--claim', 'tenant=north'];
      return [role, command('keys', 'create', role, ...who)];
    }),
  ) as Record<RoleName, string>;

  const child = spawn(process.execPath, [program, 'serve', '--http'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const codes = new Map<string, number>();
  const faults: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (!line.startsWith('{')) return void faults.push(line);
      const entry = JSON.parse(line) as { url?: string; level?: number; code?: string; msg?: string };
      if (entry.url !== undefined) resolve(entry.url);
      if (entry.msg === 'refused or failed') {
        const code = entry.code ?? 'none';
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
      if ((entry.level ?? 0) >= 50) faults.push(line);
    });
    void exited.then(() => reject(new Error(`the server did not start: ${faults.join('\n')}`)));
  });
  return {
    ...{ url, pid: child.pid ?? 0, keys, codes, faults },
    paths: [work, process.cwd()],
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(work, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
