import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clientFiles, clientSettings, commandLine, type Place } from '../../scripts/demo/snippets.ts';
import { root } from '../support/process.ts';

const windows: Place = {
  platform: 'win32',
  environment: {
    LOCALAPPDATA: 'C:\\Users\\ann\\AppData\\Local',
    APPDATA: 'C:\\Users\\ann\\AppData\\Roaming',
  },
  home: 'C:\\Users\\ann',
  node: 'C:\\Program Files\\nodejs\\node.exe',
  script: 'C:\\hydrogen-mcp\\dist\\cli.js',
};
const mac: Place = {
  platform: 'darwin',
  environment: {},
  home: '/Users/ann',
  node: '/opt/homebrew/bin/node',
  script: '/Users/ann/hydrogen mcp/dist/cli.js',
};

const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'mcp.json', ...docs.map((name) => `docs/${name}`)];

test.each(pages)(
  '%s has no client start npm or npx, which a program cannot start on Windows',
  async (page) => {
    expect(await readFile(join(root, page), 'utf8')).not.toMatch(/"command":\s*"(npm|npx|yarn|pnpm)"/);
  },
);

test("the demo ends with a client's settings that start Node by its absolute path", () => {
  expect(JSON.parse(clientSettings(windows))).toEqual({
    mcpServers: { hydrogen: { command: windows.node, args: [windows.script] } },
  });
});

test('the demo names the settings files of clients: on Windows also that of the packaged Claude Desktop', () => {
  expect(clientFiles(windows).join('\n')).toMatch(
    /AppData\\Local\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config\.json\n.*AppData\\Roaming\\Claude\\claude_desktop_config\.json\nCursor: C:\\Users\\ann\\\.cursor\\mcp\.json$/,
  );
  expect(clientFiles(mac)).toEqual([
    'Claude Desktop: /Users/ann/Library/Application Support/Claude/claude_desktop_config.json',
    'Cursor: /Users/ann/.cursor/mcp.json',
  ]);
  expect(clientFiles({ ...mac, platform: 'linux', home: '/home/ann' })).toEqual([
    'Cursor: /home/ann/.cursor/mcp.json',
  ]);
});

test('commands after the demo can be pasted into the shell of the system', () => {
  expect(commandLine(windows, 'samples')).toBe(
    '& "C:\\Program Files\\nodejs\\node.exe" "C:\\hydrogen-mcp\\dist\\cli.js" samples',
  );
  expect(commandLine(mac, 'ingest', 'FOLDER')).toBe(
    '"/opt/homebrew/bin/node" "/Users/ann/hydrogen mcp/dist/cli.js" ingest FOLDER',
  );
});

const readme = await readFile(join(root, 'README.md'), 'utf8');

/** What stands below a heading, up to the next. */
const section = (heading: string): string => readme.split(`\n### ${heading}\n`)[1]?.split(/\n##/)[0] ?? '';

test.each([
  [
    'Windows',
    [
      '%USERPROFILE%\\.hydrogen-mcp',
      '%APPDATA%\\Claude\\claude_desktop_config.json',
      'LocalCache\\Roaming\\Claude',
      'node.exe',
      '.cursor\\mcp.json',
      'vc_redist',
      '@FILE',
      'icacls',
    ],
  ],
  [
    'macOS',
    [
      '~/Library/Application Support/hydrogen-mcp',
      '~/Library/Application Support/Claude/claude_desktop_config.json',
      '~/.cursor/mcp.json',
      'Full Disk Access',
      'com.apple.quarantine',
      'Intel',
    ],
  ],
  ['Linux', ['~/.local/share/hydrogen-mcp', 'XDG_DATA_HOME', '~/.cursor/mcp.json', 'which node']],
])('README says for %s where data and settings of clients are, and what surprises there', (system, told) => {
  const text = section(system);
  expect(told.filter((one) => !text.includes(one))).toEqual([]);
  expect(text).toContain('VS Code');
});
