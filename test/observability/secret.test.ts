import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { HydrogenError } from '../../src/errors.ts';
import { createLog } from '../../src/observability/log.ts';
import { withoutCredentials } from '../../src/observability/redact.ts';
import { reveal, secretOf } from '../../src/observability/secret.ts';

const text = 'correct horse "battery" staple/1';
const secret = secretOf(text);

test('a secret has one way to be read', () => {
  expect(reveal(secret)).toBe(text);
});

test.each<[string, () => string]>([
  ['JSON', () => JSON.stringify({ secret })],
  ['a template', () => `${secret}`],
  ['a sum of texts', () => `a ${String(secret)}`],
  ['inspect', () => inspect({ secret }, { showHidden: true, depth: 9 })],
  ['its members', () => JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret)])],
  ['a copy for another thread', () => inspect(structuredClone({ ...secret }), { showHidden: true })],
  ['an error', () => String(new HydrogenError('internal', `cannot use ${secret}`).stack)],
])('%s does not show a secret', (_where, show) => {
  expect(show()).not.toMatch(/horse|battery|staple/);
});

test('a log line shows neither a secret nor its text, whoever came to hold that', () => {
  const lines: string[] = [];
  const log = createLog('info', 'json', (line) => void lines.push(line));
  log.info({ secret, config: { deep: [secret] } }, 'settings');
  expect(lines.join()).not.toMatch(/horse|battery|staple/);
});

test('a copy of a secret is not one', () => {
  expect(() => reveal({ ...secret } as typeof secret)).toThrow('a copy of a secret');
});

secretOf('mongodb://jane:long p%40ssword of Jane@db.example.com/shop');
secretOf('nats://a-token-of-a-node-17@one.example.com,tls://b-token-of-a-node-18@two.example.com');
secretOf(`-----BEGIN NATS USER JWT-----\nSUAEXAMPLEofAseed0123456789\n*****************************`);
secretOf('a-s3cret-key-of-a-server');

test.each([
  ['as it is', 'a-s3cret-key-of-a-server', '…'],
  ['in JSON', JSON.stringify('it is a-s3cret-key-of-a-server'), '"it is …"'],
  ['in a URL', `/x/${encodeURIComponent('a-s3cret-key-of-a-server')}/y`, '/x/…/y'],
  ['the password of a connection string, decoded', 'long p@ssword of Jane', '…'],
  ['each token of several servers', 'a-token-of-a-node-17 b-token-of-a-node-18', '… …'],
  ['a line of a credentials file', 'SUAEXAMPLEofAseed0123456789', '…'],
])('a secret of the settings is hidden in any text: %s', (_how, given, shown) => {
  expect(withoutCredentials(given)).toBe(shown);
});

test.each(['db.example.com', 'jane', '*****************************', '-----BEGIN', 'shop'])(
  'what stands beside a secret is not hidden: %s',
  (given) => {
    expect(withoutCredentials(given)).toBe(given);
  },
);

test('what is short could be guessed by what is hidden, and is left alone', () => {
  secretOf('password');
  expect(withoutCredentials('There is no field "password".')).toBe('There is no field "password".');
});

test('of a secret that begins with another one nothing is left', () => {
  const before = 'Kq8-zW4t_pXn2-Lr7v';
  secretOf(before);
  secretOf(`${before}-added-later`);
  expect(withoutCredentials(`refused: ${before}-added-later`)).toBe('refused: …');
});
