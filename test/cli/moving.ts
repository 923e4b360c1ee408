import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { bare, type Settings } from '../support/process.ts';
import { qdrantSettings } from '../support/servers/qdrant.ts';

const queries = ['embrittlement in pipelines', 'cost of electrolysis', 'storage "salt caverns"', 'ammonia'];

export async function json(args: readonly string[], settings: Settings): Promise<unknown> {
  const { code, out, err } = await command([...args, '--json'], settings);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out);
}

interface Hit {
  readonly document: string;
  readonly lines: unknown;
  readonly text: string;
}

/** What a user sees of a library and its runs. */
export async function answersOf(settings: Settings) {
  const hits = [];
  for (const query of queries) {
    const { rows } = (await json(['search', query], settings)) as { rows: Hit[] };
    hits.push(rows.map(({ document, lines, text }) => ({ document, lines, text })));
  }
  const runs = (await json(['runs'], settings)) as { id: string }[];
  const whole = [];
  for (const { id } of runs) whole.push(await json(['runs', id], settings));
  return {
    list: await json(['list'], settings),
    sources: await json(['sources'], settings),
    hits,
    whole,
  };
}

/** Empty servers. `to` names them; `on` uses them for everything. */
export async function emptyServers(
  mongodbUrl: string,
): Promise<{ readonly to: Settings; readonly on: Settings }> {
  const { url, collection } = await qdrantSettings();
  const to = {
    mongodbUrl,
    defaultConnection: 'embedded',
    storeDatabase: `move-${randomUUID()}`.slice(0, 30),
    qdrantUrl: url,
    qdrantCollection: collection,
    serverTimeoutMs: '20000',
  };
  const on = { catalogStore: 'mongodb', indexStore: 'qdrant', journalStore: 'mongodb' };
  return {
    to: { ...to, indexStore: 'embedded' },
    on: { sampleWorkflows: 'true', dataDir: await temporaryDirectory(), ...to, ...on },
  };
}

/** Files of their own, without a model. */
export async function plain(count: number): Promise<Settings> {
  const folder = await temporaryDirectory();
  for (let i = 0; i < count; i++) {
    await writeFile(join(folder, `${i}.md`), `# Note ${i}\n\nAbout valve ${i}.\n\n## Part\n\nMore.\n`);
  }
  const settings = { ...bare, dataDir: await temporaryDirectory() };
  const { code, err } = await command(['ingest', folder], settings);
  if (code !== 0) throw new Error(err);
  return settings;
}
