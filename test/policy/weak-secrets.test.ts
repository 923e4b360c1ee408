import { expect, test } from 'vitest';
import { type GivenSettings, settings } from '../../src/config.ts';
import { weakSecrets } from '../../src/policy/weak-secrets.ts';

const faults = (given: Partial<GivenSettings>) => weakSecrets(settings.parse(given));
const first = 'has a password that others would try first';

test.each<[string, Partial<GivenSettings>, string]>([
  ['of an example', { mongodbUrl: 'mongodb://jane:changeme@h/' }, `mongodbUrl ${first}`],
  ['with digits behind it', { redisUrl: 'redis://:Secret123!@h' }, `redisUrl ${first}`],
  ['that is the user', { natsUrl: 'nats://sales:sales@h' }, `natsUrl ${first}`],
  ['that is encoded', { mongodbUrl: 'mongodb://j:p%61ssword@h/' }, `mongodbUrl ${first}`],
  [
    'that is the name of the connection',
    { connections: { sales: { url: 'mongodb://jane:sales@h/' } } },
    `connections.sales ${first}`,
  ],
  ['in place of a key', { qdrantApiKey: '<changeme>' }, 'qdrantApiKey is what others would try first'],
  ['that is short for a key', { qdrantApiKey: 'x7Gp-q' }, 'qdrantApiKey has fewer than 16 characters'],
])('a secret %s is told by its name', (_what, given, fault) => {
  expect(faults(given)).toEqual([fault]);
});

test.each<[string, Partial<GivenSettings>]>([
  ['a good password', { mongodbUrl: 'mongodb://jane:x7Gp-qR2@h/' }],
  ['a server without a user', { mongodbUrl: 'mongodb://127.0.0.1/' }],
  ['a long key', { qdrantApiKey: ['GZ0bq7xX', 'o0cV9mJ4'].join('') }],
])('%s is not', (_what, given) => {
  expect(faults(given)).toEqual([]);
});
