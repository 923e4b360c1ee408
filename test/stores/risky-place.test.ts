import { expect, test } from 'vitest';
import { type Place, riskOf } from '../../src/stores/risky-place.ts';

const local: Place = { path: '/home/ada/.local/share/hydrogen-mcp', platform: 'linux', fileSystem: 0xef53 };

test.each<[string, Partial<Place>]>([
  ['a disk of this computer', {}],
  ['a folder whose name only begins like a synced one', { path: '/home/ada/OneDriver/data' }],
  ['a container whose disks are shown by 9P', { fileSystem: 0x01021997 }],
  ['a Windows disk', { platform: 'win32', path: 'C:\\Users\\Ada\\.hydrogen', fileSystem: 0 }],
  ['a long path on Windows', { platform: 'win32', path: '\\\\?\\C:\\Users\\Ada\\.hydrogen', fileSystem: 0 }],
])('nothing is said against %s', (_what, place) => {
  expect(riskOf({ ...local, ...place })).toBeUndefined();
});

test.each<[string, Partial<Place>, RegExp]>([
  ['NFS', { fileSystem: 0x6969 }, /\(NFS\)/],
  ['SMB', { fileSystem: 0xff534d42 }, /\(SMB\)/],
  ['sshfs', { fileSystem: 0x65735546 }, /\(FUSE\)/],
  [
    'a network share on Windows',
    { platform: 'win32', path: '\\\\files\\team\\h', fileSystem: 0 },
    /network share/,
  ],
  ['a Windows disk in WSL', { path: '/mnt/c/Users/Ada/h', fileSystem: 0x01021997 }, /WSL/],
  [
    'OneDrive of a company',
    { platform: 'win32', path: 'C:\\Users\\Ada\\OneDrive - ACME\\h' },
    /"OneDrive - ACME"/,
  ],
  ['iCloud Drive', { platform: 'darwin', path: '/Users/ada/Library/Mobile Documents/h' }, /Mobile Documents/],
  [
    'Google Drive on a Mac',
    { platform: 'darwin', path: '/Users/ada/Library/CloudStorage/G/h' },
    /CloudStorage/,
  ],
  ['Dropbox', { path: '/home/ada/Dropbox/h' }, /"Dropbox"/],
])('a data directory on %s is warned of, with what to do', (_what, place, words) => {
  expect(riskOf({ ...local, ...place })).toMatch(words);
  expect(riskOf({ ...local, ...place })).toMatch(/HYDROGEN_DATA_DIR/);
});
