import { posix, win32 } from 'node:path';
import { expect, test } from 'vitest';
import {
  dataDirectoriesOf,
  isRedirected,
  type Machine,
  placeFault,
} from '../../src/config/data-directory.ts';

const home = 'C:\\Users\\ann';
const usual = `${home}\\.hydrogen-mcp`;
const local = `${home}\\AppData\\Local`;
/** Where earlier versions had it, as a terminal sees it, and as Claude Desktop's servers wrote it. */
const earlier = `${local}\\hydrogen-mcp\\Data`;
const packaged = `${local}\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Local\\hydrogen-mcp\\Data`;

/** A Windows machine with a store in these folders. */
function windows(stores: readonly string[], settings: readonly string[] = []): Machine {
  const files = [
    ...stores.map((folder) => win32.join(folder, 'hydrogen.sqlite')),
    ...settings.map((folder) => win32.join(folder, 'hydrogen.json')),
  ];
  return {
    platform: 'win32',
    environment: { LOCALAPPDATA: local, APPDATA: `${home}\\AppData\\Roaming` },
    home,
    elsewhere: '',
    exists: (path) => files.includes(path),
    list: (folder) => (folder === `${local}\\Packages` ? ['Other_1', 'Claude_pzs8sxrjxfjjc'] : []),
  };
}

test.each<[string, readonly string[], string]>([
  ['nothing yet: beside AppData, which a terminal and Claude Desktop see alike', [], usual],
  ['a store of an earlier version: there', [earlier], earlier],
  ["a store of an earlier version that Claude Desktop's server made: there", [packaged], packaged],
  ['both: the new one', [earlier, usual], usual],
])('on Windows, with %s', (_what, stores, used) => {
  expect(dataDirectoriesOf(windows(stores)).used).toBe(used);
});

test('on Windows, settings in the new folder are enough to use it', () => {
  expect(dataDirectoriesOf(windows([earlier], [usual])).used).toBe(usual);
});

test('on Windows, settings at the place of earlier versions still apply: they may restrict clients', () => {
  expect(dataDirectoriesOf(windows([], [earlier])).used).toBe(earlier);
});

test('on macOS and Linux the data directory stays where it was', () => {
  const elsewhere = posix.join('/home/ann/.local/share/hydrogen-mcp');
  const machine: Machine = { ...windows([earlier]), platform: 'linux', elsewhere };
  expect(dataDirectoriesOf(machine)).toEqual({ used: elsewhere, usual: elsewhere, earlier: [] });
  expect(placeFault(elsewhere, false, machine)).toBeUndefined();
});

test('an earlier store that is used is told of, with the command that moves it', () => {
  expect(placeFault(earlier, false, windows([earlier]))).toMatchObject({
    kind: 'apart',
    detail: expect.stringContaining(`${earlier} is in AppData`),
    action: expect.stringContaining(`move "${earlier}" "${usual}"`),
  });
});

test('where both exist, which is used is said, where the other is, and how to join them', () => {
  expect(placeFault(usual, false, windows([usual, packaged]))).toMatchObject({
    kind: 'another',
    detail: expect.stringMatching(/\.hydrogen-mcp is used, .*Claude_pzs8sxrjxfjjc/),
    action: expect.stringMatching(/^To use that one.*To join them/),
  });
});

test('a folder of AppData that a setting names is told of; any other that it names is as wanted', () => {
  expect(placeFault(`${local}\\mine`, true, windows([]))).toMatchObject({
    kind: 'apart',
    action: expect.stringContaining('HYDROGEN_DATA_DIR'),
  });
  expect(placeFault('D:\\data', true, windows([usual, earlier]))).toBeUndefined();
});

test.each([
  [`${local}\\x`, true],
  ['c:\\users\\ANN\\appdata\\roaming\\x', true],
  [`${home}\\AppDataX\\x`, false],
  [usual, false],
  ['D:\\AppData\\Local\\x', false],
])('whether Windows shows a packaged app another folder at %s: %s', (path, is) => {
  expect(isRedirected(path, windows([]))).toBe(is);
});
