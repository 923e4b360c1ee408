import { analyse } from 'chardet';
import { expect, test } from 'vitest';
import { decodeText } from '../../../src/library/reading/decode.ts';
import { normalDate, withNormalDates } from '../../../src/library/reading/loaders/dates.ts';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const utf32 = (text: string): Buffer =>
  Buffer.from(Uint32Array.from([...text], (character) => character.codePointAt(0) ?? 0).buffer);

test.each([
  ['UTF-16 with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16('naïve\r\n')]), 'naïve'],
  ['UTF-16 without one', utf16('plain words'), 'plain words'],
  ['UTF-16 of big machines without one', utf16('plain words').swap16(), 'plain words'],
  ['UTF-32 with a mark', utf32('\ufeffnaïve 𝄞\r\n'), 'naïve 𝄞'],
  ['UTF-32 of big machines with a mark', utf32('\ufeffnaïve').swap32(), 'naïve'],
  ['UTF-32 without one', utf32('plain 水素'), 'plain 水素'],
  ['UTF-32 of big machines without one', utf32('plain 水素').swap32(), 'plain 水素'],
  ['UTF-8 with a mark', Buffer.from('\ufeffnaïve'), 'naïve'],
  ['line ends of old and of Windows', Buffer.from('a\r\nb\rc\n'), 'a\nb\nc'],
])('%s is read for what it is', (_what, bytes, text) => {
  expect(decodeText(bytes)).toEqual({ text });
});

test.each([
  ['windows-1252', 'Größe: “5 m³” – genug', '4772f6df653a20933520 6db394 20 96 2067656e7567'],
  [
    'shift_jis',
    '水素は高圧の鋼製ボンベに貯蔵される。',
    '9085916682cd8d8288b382cc8d7c90bb837b8393837882c9929991a082b382ea82e98142',
  ],
  [
    'koi8-r',
    'Водород хранится в стальных баллонах под давлением',
    'f7cfc4cfd2cfc420c8d2c1cec9d4d3d120d720d3d4c1ccd8ced9c820c2c1cccccfcec1c820d0cfc420c4c1d7ccc5cec9c5cd',
  ],
])('%s, which nothing tells, is guessed, and the guess is said', (encoding, text, hex) => {
  expect(decodeText(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toEqual({ text, guessed: encoding });
});

test.each([
  [
    'shift_jis',
    '名前,住所\n田中,東京都千代田区①',
    '96bc914f2c8f5a8f8a0a936392862c938c8b9e937390e791e393638be687400a',
  ],
  ['euc-jp', '名前,住所\n田中,東京都', 'ccbec1b02cbdbbbdea0ac5c4c3e62cc5ecb5fec5d40a'],
  ['gb18030', '姓名,地址\n王伟,北京市', 'd0d5c3fb2cb5d8d6b70acdf5ceb02cb1b1bea9cad00a'],
  ['big5', '姓名,地址\n王偉,台北市', 'a96da6572ca661a77d0aa4fdb0b62ca578a55fa5ab0a'],
])('a few words in %s are enough, too few as they are for chardet', (encoding, text, hex) => {
  const bytes = Buffer.from(hex, 'hex');

  expect(analyse(bytes)[0]?.name.toLowerCase()).not.toBe(encoding);
  expect(decodeText(bytes)).toEqual({ text, guessed: encoding });
});

test('UTF-8 with a damaged byte stays UTF-8', () => {
  const bytes = Buffer.concat([
    Buffer.from('für die Übung öffnen\n'),
    Buffer.from([0xe9]),
    Buffer.from(' Größe'),
  ]);

  expect(decodeText(bytes)).toEqual({ text: 'für die Übung öffnen\n\ufffd Größe', damaged: 1 });
});

test('a page that declares its encoding is believed', () => {
  const page = Buffer.from('<meta charset="iso-8859-15"><p>5 \xa4', 'latin1');

  expect(decodeText(page).text).toContain('5 €');
});

test.each([
  ['NUL bytes', [0xff, 0, 0xff]],
  ['control characters', [0x81, 0x01, 0x02, 0x03, 0x04]],
])('%s are not text', (_what, bytes) => {
  expect(() => decodeText(new Uint8Array(bytes))).toThrow(/not text/);
});

test.each([
  ['2026-3-1', '2026-03-01'],
  ['2026/03/01', '2026-03-01'],
  ['1 March 2026', '2026-03-01'],
  ['Sept. 5, 2025', '2025-09-05'],
  ['2026-03-01 09:30', '2026-03-01T09:30:00.000Z'],
  ['2026-03-01T09:30:00+02:00', '2026-03-01T07:30:00.000Z'],
])('the date %s is %s', (written, iso) => {
  expect(normalDate(written)).toBe(iso);
});

test.each(['3/4/2026', '2026-02-30', 'May', '1.2.3', 'version 2026-03-01'])('%s is no date', (text) => {
  expect(normalDate(text)).toBeUndefined();
});

test('dates in metadata are made comparable at any depth', () => {
  expect(withNormalDates({ a: ['1 May 2026', 7], b: { c: '2026/5/2' } })).toEqual({
    a: ['2026-05-01', 7],
    b: { c: '2026-05-02' },
  });
});
