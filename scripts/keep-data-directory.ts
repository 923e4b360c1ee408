// Makes a small data directory with the built program and keeps it for the tests, under the number of its format. Run
// it whenever a format is released: later programs are tested with what the program of that time wrote.
//   npm run build && node scripts/keep-data-directory.ts
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { startedServer } from './bench/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');

const pages = {
  'alarms.md':
    '---\ntopic: safety\n---\n# Alarms\n\nA sensor at the ceiling raises the alarm when gas escapes.\n',
  'cost.md': '---\ntopic: economy\n---\n# Cost\n\nElectricity makes up most of the cost of electrolysis.\n',
  'prices.csv': 'year,price\n2024,41\n2025,38\n',
};
const plants = [
  '{"_id":{"$oid":"65a000000000000000000001"},"name":"North","status":"running","power":{"$numberDecimal":"10.50"},"since":{"$date":"2021-03-01T00:00:00Z"}}',
  '{"_id":{"$oid":"65a000000000000000000002"},"name":"South","status":"running","power":{"$numberLong":"9007199254740993"},"tags":["coast","wind"]}',
  '{"_id":{"$oid":"65a000000000000000000003"},"name":"West","status":"planned","power":2.5}',
];
const workflow = `
document: { dsl: '1.0.3', namespace: kept, name: running-plants, version: '1.0.0', title: Running plants, summary: Those that run. }
do:
  - look:
      call: find
      with: { collection: plants, filter: { status: running }, sort: { name: 1 } }
  - check:
      if: \${ $workflow.input.fail == true }
      call: find
      with: { collection: nowhere, filter: {} }
  - names:
      set: { names: '\${ [.rows[].name] }' }
`;

const work = await mkdtemp(join(tmpdir(), 'hydrogen-kept-'));
const dataDir = join(work, 'data');
const notes = join(work, 'notes');
const workflows = join(work, 'workflows');
const environment = {
  ...process.env,
  HYDROGEN_DATA_DIR: dataDir,
  HYDROGEN_LOG_LEVEL: 'warn',
  HYDROGEN_ENABLE_INGEST: 'true',
  HYDROGEN_ENABLE_WRITES: 'true',
  HYDROGEN_CONFIRM_WRITES: 'never',
  HYDROGEN_FOLDERS: JSON.stringify([notes]),
  HYDROGEN_WORKFLOW_FOLDERS: JSON.stringify([workflows]),
  HYDROGEN_COLLECTION_SOURCES: JSON.stringify([
    { collection: 'plants', fields: ['name', 'status'], title: 'name' },
  ]),
};

function hydrogen(...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], {
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`hydrogen ${args.join(' ')}: ${stderr}`);
}

try {
  for (const folder of [notes, workflows]) await mkdir(folder);
  for (const [name, text] of Object.entries(pages)) await writeFile(join(notes, name), text);
  await writeFile(join(work, 'plants.jsonl'), plants.join('\n'));
  await writeFile(join(workflows, 'running-plants.yaml'), workflow);
  hydrogen('import', 'plants', join(work, 'plants.jsonl'));

  const server = await startedServer(cli, environment);
  await server.call('create_index', { collection: 'plants', key: { status: 1, name: -1 } });
  await server.call('add_document', { name: 'greeting', text: 'Hydrogen is the lightest gas.' });
  await server.call('run_workflow', { workflow: 'running-plants', input: {}, idempotency_key: 'kept' });
  await server.call('run_workflow', { workflow: 'running-plants', input: { fail: true } }).catch(() => {});
  // Followed changes: what comes, what changes, what goes.
  await delay(2_000);
  await server.call('insert', {
    collection: 'plants',
    documents: [{ _id: 'east', name: 'East', status: 'planned' }],
  });
  await server.call('update', {
    collection: 'plants',
    filter: { _id: 'east' },
    update: { $set: { status: 'running' } },
  });
  await server.call('delete', { collection: 'plants', filter: { name: 'West' } });
  await delay(2_000);
  await server.close();
  hydrogen('ingest', notes);

  const file = join(dataDir, 'hydrogen.sqlite');
  const db = new DatabaseSync(file);
  const format = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  for (const { name } of tables) {
    const { rows } = db.prepare(`SELECT count(*) AS rows FROM ${String(name)}`).get() ?? {};
    console.log(String(rows).padStart(6), name);
  }
  db.close();

  const kept = join(root, `test/stores/embedded/data-directories/format-${format}`);
  await mkdir(kept, { recursive: true });
  await writeFile(join(kept, 'hydrogen.sqlite.gz'), gzipSync(await readFile(file), { level: 9 }));
  await copyFile(join(dataDir, 'keys.json'), join(kept, 'keys.json'));
  console.log(`kept as ${kept}`);
} finally {
  await rm(work, { recursive: true, force: true, maxRetries: 5 });
}
