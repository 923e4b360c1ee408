// The main job, shown: ingests the samples into a throw-away data directory, starts the built server as a
// child process and talks to it with the SDK's client, over stdio or (--http) over Streamable HTTP.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type Session } from './demo/connect.ts';
import { facts, heading, paragraph, passages, rowsTable, say } from './demo/show.ts';
import { clientFiles, clientSettings, commandLine, type Place } from './demo/snippets.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');
const http = process.argv.includes('--http');

function hydrogen(dataDir: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [cli, '--data-dir', dataDir, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`hydrogen ${args.join(' ')} ended with code ${status}`);
}

function fill(dataDir: string): void {
  heading('1. Documents and data go in');
  hydrogen(dataDir, 'ingest', 'samples/documents');
  for (const collection of ['technologies', 'materials', 'sources']) {
    hydrogen(dataDir, 'import', collection, `samples/collections/${collection}.jsonl`);
  }
}

async function searches({ call }: Session): Promise<void> {
  heading('2. Three searches (tool: search)');
  const questions = [
    ['in its own words', 'How does a PEM electrolyser work?'],
    ['by keyword', 'salt cavern'],
    // The page speaks of guarantees of origin; none of these words is in it.
    ['in words the text does not use', 'proof that a purchase is environmentally friendly'],
  ] as const;
  for (const [how, query] of questions) {
    say(`\n"${query}"  (${how})`);
    passages(await call('search', { query, limit: 2 }));
  }
}

async function queries({ call }: Session): Promise<void> {
  heading('3. A query (tool: find)');
  const filter = { technology: 'Electrolysis', variable: 'CAPEX', period: '2030' };
  say(`find technologies ${JSON.stringify(filter)}`);
  const projection = { _id: 0, subtech: 1, size: 1, value: 1, unit: 1, reference_unit: 1, source: 1 };
  rowsTable(
    await call('find', { collection: 'technologies', filter, projection, sort: { value: 1 }, limit: 8 }),
  );

  heading('4. An aggregation (tool: aggregate)');
  const pipeline = [
    { $group: { _id: '$technology', rows: { $sum: 1 }, sources: { $addToSet: '$source' } } },
    { $project: { _id: 0, technology: '$_id', rows: 1, sources: { $size: '$sources' } } },
    { $sort: { rows: -1, technology: 1 } },
    { $limit: 6 },
  ];
  say('rows and sources by technology, the largest six');
  rowsTable(await call('aggregate', { collection: 'technologies', pipeline }));
}

async function workflow({ call }: Session): Promise<void> {
  heading('5. A workflow that joins query and search (tool: run_workflow)');
  const result = await call(
    'run_workflow',
    { workflow: 'electrolyser-cost-brief', wait_seconds: 60 },
    ({ progress, total, message }) =>
      say(`  step ${progress}${total ? ` of ${total}` : ''}  ${message ?? ''}`),
  );
  const run = result.structuredContent as {
    state: string;
    steps: string[];
    output?: unknown;
    error?: string;
  };
  for (const step of run.steps) say(`  ${step}`);
  say(`state: ${run.state}${run.error ? `: ${run.error}` : ''}`);
  if (run.state !== 'completed') throw new Error('the sample workflow did not complete');
  facts(run.output);
}

async function health({ call }: Session): Promise<void> {
  heading('6. Health (tool: health)');
  const { structuredContent } = await call('health', {});
  const report = structuredContent as { status: string; parts: Record<string, unknown>[] };
  rowsTable({ rows: report.parts });
  say(`status: ${report.status}`);
}

function configuration(): void {
  const place: Place = {
    platform: process.platform,
    environment: process.env,
    home: homedir(),
    node: process.execPath,
    script: cli,
  };
  heading('7. For your MCP client (Claude Desktop, Cursor …)');
  say(clientSettings(place));
  paragraph(
    'It goes into the settings file of the client, which is then quit and started again:',
    ...clientFiles(place).map((line) => `  ${line}`),
    'It keeps its data in your own data directory, not in that of this demo. These samples go into it with',
    `  ${commandLine(place, 'samples')}`,
    'which also says what to ask then, and your own documents and data with',
    `  ${commandLine(place, 'ingest', 'FOLDER')}`,
    `  ${commandLine(place, 'import', 'COLLECTION', 'FILE')}`,
  );
}

const dataDir = await mkdtemp(join(tmpdir(), 'hydrogen-demo-'));
try {
  say(`Hydrogen MCP over ${http ? 'Streamable HTTP' : 'stdio'}; data directory of this demo: ${dataDir}`);
  fill(dataDir);
  const session = await connect({ cli, dataDir, http, root });
  try {
    say(`\nconnected: ${session.server}, protocol ${session.protocol}, ${session.tools} tools`);
    await searches(session);
    await queries(session);
    await workflow(session);
    await health(session);
  } finally {
    await session.close();
  }
  configuration();
} finally {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}
