import { expect, test } from 'vitest';
import { closeCommand, openPathsIn, readersIn } from '../../src/policy/windows-access.ts';

// Descriptors as `(Get-Acl PATH).Sddl` prints them.

const me = 'S-1-5-21-1004336348-1177238915-682003330-1001';
const other = 'S-1-5-21-1004336348-1177238915-682003330-1002';

test.each([
  [
    "a folder in the user's own",
    `O:${me}G:${me}D:(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;${me})`,
    [],
  ],
  [
    'a folder at the root of a drive',
    `O:BAG:${me}D:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)(A;ID;0x1301bf;;;AU)(A;OICIIOID;SDGXGWGR;;;AU)`,
    ['S-1-5-32-545', 'S-1-5-11'],
  ],
  ['a folder that is open to all', 'D:P(A;OICI;FA;;;WD)', ['S-1-1-0']],
  ['a file that another user was given', `D:(A;;FR;;;${other})(A;;FA;;;${me})`, [other]],
  ['what all may only list the rights of', 'D:(A;;RC;;;WD)', []],
  ['what all may only write into', 'D:(A;;0x100116;;;WD)', []],
  ['what apps of the user may read', 'D:(A;OICI;FA;;;AC)(A;;FA;;;S-1-15-2-2)', []],
  ['what is denied', 'D:(D;;FA;;;WD)', []],
  ['no list at all, which lets everybody', `O:${me}G:${me}`, ['S-1-1-0']],
  ['an empty list, which lets nobody', `O:${me}D:P`, []],
  ['rules that ask for a condition', 'D:(XA;;FR;;;BU;(@User.Title == "PM"))', ['S-1-5-32-545']],
  ['only the list of who is watched', 'O:BAD:PAI(A;;FA;;;SY)S:AI(AU;SAFA;FA;;;WD)', []],
])('who may read: %s', (_what, sddl, readers) => {
  expect(readersIn(sddl, me)).toEqual(readers);
});

test('who may read a path is said in words, with the command that closes it', () => {
  const output = `${me}\r\nTrue D:(A;OICI;FA;;;${me})(A;OICI;0x1200a9;;;BU)\r\n-\r\nFalse D:(A;;FA;;;${me})\r\n`;
  expect(openPathsIn(output, ['D:\\data', 'D:\\gone', 'D:\\key'])).toEqual([
    {
      path: 'D:\\data',
      who: ['Users'],
      close: `icacls "D:\\data" /inheritance:r /grant:r "*${me}:(OI)(CI)F" "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" /remove:g "*S-1-5-32-545"`,
    },
  ]);
});

test('a file is closed without what only folders have', () => {
  expect(closeCommand('key', { isFolder: false, user: me, readers: [other] })).toBe(
    `icacls "key" /inheritance:r /grant:r "*${me}:F" "*S-1-5-18:F" "*S-1-5-32-544:F" /remove:g "*${other}"`,
  );
});

test('where Windows does not say who the user is, it is not said that nobody else can read', () => {
  expect(() => openPathsIn('', ['D:\\data'])).toThrow(/did not say who/);
});
