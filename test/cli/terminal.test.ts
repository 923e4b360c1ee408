import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packagedModel } from '../../src/embeddings/models.ts';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { linux } from '../support/platform.ts';
import { bare, cli, environmentOf, hydrogen, root, type Settings } from '../support/process.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals are told begins with this
const escapes = /\x1b\[[0-9;?]*[a-zA-Z]/g;

const bold = '\x1b[1m';

async function withDocument(text: string): Promise<{ directory: string; settings: Settings }> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'docs'));
  await writeFile(join(directory, 'docs', 'caverns.md'), text);
  const settings = { ...bare, dataDir: join(directory, 'data') };
  await command(['ingest', join(directory, 'docs')], settings);
  return { directory, settings };
}

const sentence = 'Gas is kept in salt caverns that were washed out of the rock, far below the ground. ';

/** A command on a terminal of this width; util-linux's `script` is the terminal. */
const terminal = (columns: number, line: string, settings: Settings) => ({
  args: [
    '-qec',
    `stty cols ${columns} && ${JSON.stringify(process.execPath)} ${JSON.stringify(cli)} ${line}`,
    '/dev/null',
  ],
  options: { cwd: root, env: { ...environmentOf(settings), TERM: 'xterm-256color' } },
});

/** What a command prints on a terminal. */
function onTerminal(columns: number, line: string, settings: Settings): string {
  const { args, options } = terminal(columns, line, settings);
  return spawnSync('script', args, { ...options, encoding: 'utf8' }).stdout;
}

/** What a command prints on a terminal on which Ctrl-C is pressed as soon as it has printed this. */
async function stoppedOnTerminal(line: string, settings: Settings, awaited: string): Promise<string> {
  const { args, options } = terminal(200, line, settings);
  const child = spawn('script', args, options);
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (!shown.includes(awaited) && (shown + text).includes(awaited)) child.stdin.write('\x03');
    shown += text;
  });
  await once(child, 'close');
  return shown;
}

const hasTerminal = linux('the program script') && spawnSync('script', ['--version']).status === 0;

test.skipIf(!hasTerminal)(
  'on a terminal, passages are wrapped to its width and places are bold',
  async () => {
    const { settings } = await withDocument(`# Caverns\n\n${sentence.repeat(4)}\n`);
    const shown = onTerminal(50, 'search salt', settings);
    expect(shown).toContain(`${bold}docs/caverns.md:`);
    const lines = shown.replaceAll(escapes, '').split(/\r?\n/);
    expect(
      Math.max(...lines.filter((line) => line.startsWith('    ')).map((line) => line.length)),
    ).toBeLessThan(51);
  },
);

test.skipIf(!hasTerminal)('that nothing fits well stands before the passages', async () => {
  const { directory, settings } = await withDocument(`# Caverns\n\n${sentence}\n`);
  const withModel = { ...settings, embeddingModel: packagedModel };
  await command(['ingest', join(directory, 'docs'), '--reembed'], withModel);
  const shown = onTerminal(80, 'search bicycle', withModel).replaceAll(escapes, '');
  expect(shown).toMatch(
    /No (close match|passage has a word).*1 passage from 1 document[\s\S]*docs\/caverns\.md/,
  );
});

test('a folder of workflows that is missing is told in words', async () => {
  const directory = await temporaryDirectory();
  const settings = { ...bare, dataDir: join(directory, 'data'), workflowFolders: join(directory, 'gone') };
  const { err } = hydrogen(['workflows'], settings);
  expect(err).toMatch(/^warn: a folder of workflow definitions cannot be read: ENOENT/m);
  expect(err).not.toMatch(/[{}]/);
});

test('what a program reads has whole lines and no colours', async () => {
  const { settings } = await withDocument(`# Caverns\n\n${sentence.repeat(4)}\n`);
  const { out } = hydrogen(['search', 'salt'], settings);
  expect(out).toContain(`    ${sentence.repeat(4).trim()}\n`);
  expect(out).not.toMatch(escapes);
});

test.each([
  [['list', '--fo'], /^hydrogen: Unknown option '--fo'/],
  [['find'], /^hydrogen: Missing required argument 'collection'/],
  [['find', 'x', '{'], /^hydrogen: The filter is not valid JSON/],
  [['sorces'], /^hydrogen: There is no command "sorces"\. Did you mean "sources"\?/],
])('every error begins alike: %j', async (args, message) => {
  const { code, err } = await command(args, { ...bare, dataDir: await temporaryDirectory() });
  expect(err).toMatch(message);
  expect(code).toBe(2);
});

test('sources shows each source with its folder and patterns', async () => {
  const { directory, settings } = await withDocument('# Caverns');
  await command(['ingest', join(directory, 'docs'), '--include', '*.md'], settings);
  const { out } = await command(['sources'], settings);
  expect(out).toMatch(/^docs\/ {2}1 document, 1 passage, 0 embedded, last read \d{4}-\d\d-\d\dT\d\d:\d\dZ$/m);
  expect(out).toContain(`    ${join(directory, 'docs')} (only *.md)\n`);
  const json: unknown = JSON.parse((await command(['sources', '--json'], settings)).out);
  expect(json).toMatchObject([
    { name: 'docs', documents: 1, places: [{ kind: 'folder', include: ['*.md'] }] },
  ]);
});

test('sources of an empty library says how to fill it', async () => {
  const { out, err } = await command(['sources'], { ...bare, dataDir: await temporaryDirectory() });
  expect(out).toBe('');
  expect(err).toMatch(/`hydrogen ingest FOLDER`.*`hydrogen samples`/);
});

test('a run says its id when it starts, and is found again by it', async () => {
  const { directory, settings } = await withDocument('# Caverns');
  const head = "document: { dsl: '1.0.3', namespace: test, name: short, version: '1.0.0' }";
  await writeFile(join(directory, 'short.yaml'), `${head}\ndo: [{ a: { set: { x: 1 } } }]\n`);
  const { err } = await command(['run', 'short'], { ...settings, workflowFolders: directory });
  const [, id = ''] = /^Run (run-\w+) started/.exec(err) ?? [];

  expect((await command(['runs'], settings)).out).toMatch(
    new RegExp(`^${id} {2}completed {2}\\S+Z {2}short\n$`),
  );
  const one = await command(['runs', id], settings);
  expect(one.out).toBe('{\n  "x": 1\n}\n');
  expect(one.err).toMatch(/^completed {2}set +a$/m);
  expect((await command(['runs', 'run-0'], settings)).code).toBe(3);
});

test('without runs, runs says how to start one', async () => {
  const { err } = await command(['runs'], { ...bare, dataDir: await temporaryDirectory() });
  expect(err).toMatch(/`hydrogen run WORKFLOW`/);
});

test('paths are relative to where the person is, also through npm', async () => {
  const { directory, settings } = await withDocument('# Caverns');
  const started = { npm_lifecycle_event: 'start', npm_package_name: 'hydrogen-mcp', INIT_CWD: directory };
  expect(hydrogen(['ingest', 'docs'], settings, '', started)).toMatchObject({
    code: 0,
    out: expect.stringContaining('1 unchanged'),
  });
  // Of another package's script, the folder that npm has changed to is the right one.
  const other = { ...started, npm_package_name: 'another' };
  expect(hydrogen(['ingest', 'docs/'], settings, '', other).err).not.toContain('caverns');
});

test.each(['bash', 'zsh', 'fish', 'powershell'])('there is a completion script for %s', (shell) => {
  const { code, out } = hydrogen(['completion', shell], bare);
  expect(code).toBe(0);
  expect(out).toMatch(/\bcomplete\b.*--/);
});

test('a shell is told the commands and options that begin like what was typed', () => {
  const completions = (...words: string[]): string[] =>
    hydrogen(['complete', '--', ...words], bare)
      .out.split('\n')
      .map((line) => line.split('\t')[0] ?? '');
  expect(completions('im')).toContain('import');
  expect(completions('im')).not.toContain('find');
  expect(completions('find', '--pro')).toContain('--projection');
});

test.skipIf(!hasTerminal)(
  'an ingest shows one share of the work, says that search works already, and what Ctrl-C keeps',
  { timeout: 60_000 },
  async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'docs'));
    for (let page = 0; page < 40; page++) {
      const text = Array.from({ length: 300 }, (_, i) => `Cavern ${page} ${i}. ${sentence}`).join('\n\n');
      await writeFile(join(directory, 'docs', `page-${page}.md`), text);
    }
    const settings = { ...bare, dataDir: join(directory, 'data'), embeddingModel: packagedModel };
    const line = `ingest ${join(directory, 'docs')}`;
    const shown = await stoppedOnTerminal(line, settings, 'search by words works already');
    expect(shown).toMatch(/\d % file \d+ of 40: page-\d+\.md/);
    expect(shown).toContain('What has been read stays, and is found by words.');
    const { out } = await command(['ingest', join(directory, 'docs')], { ...settings, ...bare });
    expect(out).toMatch(/^0 documents added, 0 changed, 40 unchanged/);
  },
);
