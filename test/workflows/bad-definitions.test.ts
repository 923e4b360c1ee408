// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { call, failure } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { openedApp } from '../support/connected.ts';
import { modesHold, posix } from '../support/platform.ts';
import { bare, hydrogen, type Settings, stdioClient } from '../support/process.ts';
import { definition, patientCall } from './support.ts';

interface Entry {
  readonly name: string;
  readonly problem?: string;
  readonly file?: string;
}

const named = (name: string, tasks = '- a: { set: { x: 1 } }'): string =>
  definition(tasks).replace('name: w,', `name: ${name},`);

/** A folder with these files and a definition that is right, and settings that use it. */
async function folderWith(
  files: Readonly<Record<string, string | Buffer>>,
): Promise<{ folder: string; settings: Settings }> {
  const directory = await temporaryDirectory();
  const folder = join(directory, 'workflows');
  await mkdir(folder);
  for (const [name, text] of Object.entries({ ...files, 'zgood.yaml': named('zgood') })) {
    await writeFile(join(folder, name), text);
  }
  return { folder, settings: { ...bare, dataDir: join(directory, 'data'), workflowFolders: folder } };
}

const byFile = (entries: readonly Entry[]): Map<string, Entry> =>
  new Map(entries.map((entry) => [entry.file ?? entry.name, entry]));

async function entriesOf(folders: readonly string[]): Promise<Map<string, Entry>> {
  const { workflows } = await openedApp({ settings: { workflowFolders: [...folders] } });
  return byFile(await workflows.list(patientCall()));
}

const bomb = Array.from(
  { length: 12 },
  (_, n) => `a${n}: &a${n} [${n === 0 ? 'x' : `*a${n - 1}`.concat(`,*a${n - 1}`.repeat(8))}]`,
).join('\n');

const bad: Readonly<Record<string, readonly [text: string | Buffer, problem: RegExp]>> = {
  'alias.yaml': ['&a\ndocument: *a\ndo: *a', /^an alias .* refers to itself/],
  'bomb.yaml': [bomb, /^its aliases .* expand to too many values/],
  'gigabyte.yaml': [
    named('gigabyte', `- a: { set: { x: '\${ "a"*1000000000 }' } }`),
    /^\/do\/0\/a\/set\/x: the expression cannot be compiled: it ran out of memory/,
  ],
  'deep-flow.yaml': ['['.repeat(20_000), /^it is nested too deeply/],
  'deep.json': [`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, /^it is nested too deeply/],
  'deep-block.yaml': [
    Array.from({ length: 600 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    /^it is nested too deeply/,
  ],
  'huge.yaml': [`a: ${'x'.repeat(300_000)}`, /^the file has 300003 bytes; at most 262144 are read/],
  'scalar.yaml': [`a: ${'x'.repeat(250_000)}`, /./],
  'bytes.yaml': [Buffer.from([0x61, 0xff, 0xfe, 0x80]), /^the file is not text in UTF-8/],
  'nul.yaml': [Buffer.alloc(3), /./],
  'arguments.yaml': [
    named('arguments', '- a: { call: aggregate, with: { colection: x, pipeline: "${ .x }" } }'),
    /^2 problems: \(1\) \/do\/0\/a\/with: unknown argument "colection": did you mean "collection"\?; \(2\) \/do\/0\/a\/with: argument "collection" is missing$/,
  ],
  '__proto__.yaml': [named('__proto__'), /^\/document\/name: /],
};

test('each bad definition is named with its problem, and all others serve', async () => {
  const files = Object.entries(bad).map(([name, [text]]) => [name, text] as const);
  const { settings: own } = await folderWith(Object.fromEntries(files));
  const settings = { ...own, sampleWorkflows: 'true' };
  hydrogen(['samples'], settings);
  const { out } = hydrogen(['workflows', '--json'], settings);
  const entries = byFile(JSON.parse(out) as Entry[]);
  for (const [file, [, problem]] of Object.entries(bad)) {
    expect(entries.get(file)?.problem, file).toMatch(problem);
  }
  for (const name of ['zgood', 'electrolyser-cost-brief', 'reading-list', 'technology-profile']) {
    expect(entries.get(name), name).not.toHaveProperty('problem');
  }
  expect(hydrogen(['run', 'zgood'], settings)).toMatchObject({ code: 0, out: '{\n  "x": 1\n}\n' });
}, 120_000);

test('a definition in UTF-16, or with a byte order mark, is read', async () => {
  const { folder } = await folderWith({
    'utf16.yaml': Buffer.from(`\ufeff${named('sixteen')}`, 'utf16le'),
    'mark.yaml': `\ufeff${named('mark')}`,
  });
  const entries = await entriesOf([folder]);
  expect(entries.get('sixteen')).not.toHaveProperty('problem');
  expect(entries.get('mark')).not.toHaveProperty('problem');
}, 60_000);

test.runIf(posix('named pipes'))(
  'what is no regular file is named and not opened; links lead no further than the folder',
  async () => {
    const { folder } = await folderWith({ 'target.txt': named('linked') });
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    await symlink('pipe.yaml', join(folder, 'to-pipe.yaml'));
    await symlink('/dev/zero', join(folder, 'device.yaml'));
    await symlink('/etc/passwd', join(folder, 'outside.yaml'));
    await symlink('target.txt', join(folder, 'inside.yaml'));
    await symlink('nowhere', join(folder, 'dangling.yaml'));
    await symlink('loop.yaml', join(folder, 'loop.yaml'));
    await mkdir(join(folder, 'folder.yaml'));
    const server = createServer().listen(join(folder, 'socket.yaml'));
    onTestFinished(() => void server.close());
    const entries = await entriesOf([folder]);
    const problems: Readonly<Record<string, RegExp>> = {
      'pipe.yaml': /it is a pipe, not a file/,
      'to-pipe.yaml': /it is a pipe, not a file/,
      'device.yaml': /links outside its folder/,
      'outside.yaml': /links outside its folder/,
      'dangling.yaml': /it is a broken link/,
      'loop.yaml': /symbolic links form a loop/,
      'folder.yaml': /it is a folder, not a file/,
      'socket.yaml': /it is a socket, not a file/,
    };
    for (const [file, problem] of Object.entries(problems)) {
      expect(entries.get(file)?.problem, file).toMatch(problem);
    }
    expect(entries.get('linked')).not.toHaveProperty('problem');
    expect(entries.get('zgood')).not.toHaveProperty('problem');
  },
  60_000,
);

test.runIf(modesHold())(
  'a file that may not be read is named with the reason',
  async () => {
    const { folder } = await folderWith({ 'secret.yaml': named('secret') });
    await chmod(join(folder, 'secret.yaml'), 0);
    expect((await entriesOf([folder])).get('secret.yaml')?.problem).toMatch(
      /the file cannot be read: this user may not/,
    );
  },
  60_000,
);

test('a folder that is not there is named, and the others serve', async () => {
  const { folder } = await folderWith({});
  const entries = await entriesOf([join(folder, 'missing'), folder]);
  expect(entries.get('missing')?.problem).toMatch(/this folder .* does not exist/);
  expect(entries.get('zgood')).not.toHaveProperty('problem');
}, 60_000);

test.runIf(posix('named pipes'))(
  'a server with a pipe and a recursive alias in its folder answers, and says what to fix',
  async () => {
    const { folder, settings } = await folderWith({ 'alias.yaml': '&a\ndocument: *a\ndo: *a' });
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    const { client } = await stdioClient(settings);
    expect(await call(client, 'run_workflow', { workflow: 'zgood', wait_seconds: 25 })).toMatchObject({
      structuredContent: { state: 'completed', output: { x: 1 } },
    });
    const health = JSON.stringify(await call(client, 'health', {}));
    expect(health).toMatch(/Fix alias\.yaml: an alias .*pipe\.yaml: it is a pipe/);
    expect(await failure(client, 'run_workflow', { workflow: 'alias.yaml' })).toMatch(
      /The workflow "alias\.yaml" cannot be run: an alias .* Fix it in alias\.yaml\./,
    );
    await rm(join(folder, 'alias.yaml'));
    expect(JSON.stringify(await call(client, 'list_workflows', {}))).not.toContain('alias.yaml');
  },
  60_000,
);
