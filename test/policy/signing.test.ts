import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSigner, type SigningKey } from '../../src/policy/signing.ts';

const key = (id: string): SigningKey => ({ id, secret: randomBytes(32) });

test('a token gives back what was signed', () => {
  const signer = createSigner([key('a')]);
  expect(signer.verify('cursor', signer.sign('cursor', 'after 7'))).toBe('after 7');
});

test('a token of before a rotation stays valid', () => {
  const old = key('a');
  const token = createSigner([old]).sign('cursor', '1');
  expect(createSigner([key('b'), old]).verify('cursor', token)).toBe('1');
});

test.each([
  ['changed', (token: string) => `${token.slice(0, -2)}xx`],
  [
    'with another body',
    (token: string) => token.replace(/\.[^.]+\./, `.${Buffer.from('2').toString('base64url')}.`),
  ],
  ['followed by another part', (token: string) => `${token}.x`],
  ['padded', (token: string) => `${token}=`],
  ['followed by what base64 ignores', (token: string) => `${token}!!`],
  [
    'spelt otherwise in bits that base64 ignores',
    (token: string) => token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1),
  ],
  ['empty', () => ''],
  ['of another shape', () => 'a.b'],
])('a token that is %s is refused', (_how, change) => {
  const signer = createSigner([key('a')]);
  expect(() => signer.verify('cursor', change(signer.sign('cursor', '1')))).toThrow(/not valid here/);
});

test('a token of one purpose is refused for another, and of another directory', () => {
  const signer = createSigner([key('a')]);
  const token = signer.sign('cursor', '1');
  expect(() => signer.verify('confirmation', token)).toThrow(/confirmation is not valid/);
  expect(() => createSigner([key('a')]).verify('cursor', token)).toThrow(/not valid/);
});

test('what is sealed cannot be read, and is opened with the key, also after a rotation', () => {
  const old = key('a');
  const token = createSigner([old]).seal('cursor', 'row 4711');
  expect(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('latin1')).not.toContain('4711');
  expect(createSigner([key('b'), old]).open('cursor', token)).toBe('row 4711');
});

test('the same text is sealed in another way each time', () => {
  const signer = createSigner([key('a')]);
  expect(signer.seal('cursor', '1')).not.toBe(signer.seal('cursor', '1'));
});

test.each([
  ['changed', (token: string) => `${token.slice(0, -3)}xxx`],
  ['cut', (token: string) => token.slice(0, -8)],
  ['followed by another part', (token: string) => `${token}.x`],
  ['padded', (token: string) => `${token}=`],
  ['without a body', (token: string) => token.split('.')[0] ?? ''],
  ['empty', () => ''],
])('what is sealed and %s is refused', (_how, change) => {
  const signer = createSigner([key('a')]);
  expect(() => signer.open('cursor', change(signer.seal('cursor', '1')))).toThrow(/not valid here/);
});

test('what is sealed for one purpose is refused for another, as a signed token, and with another key', () => {
  const signer = createSigner([key('a')]);
  const token = signer.seal('cursor', '1');
  expect(() => signer.open('confirmation', token)).toThrow(/not valid here/);
  expect(() => signer.verify('cursor', token)).toThrow(/not valid here/);
  expect(() => signer.open('cursor', signer.sign('cursor', '1'))).toThrow(/not valid here/);
  expect(() => createSigner([key('a')]).open('cursor', token)).toThrow(/not valid here/);
});
