import { expect, test } from 'vitest';
import { changesOf } from '../../src/config/changes.ts';
import { type GivenSettings, settings } from '../../src/config.ts';
import { reveal } from '../../src/observability/secret.ts';

const parse = (given: Partial<GivenSettings>) => settings.parse(given);
const url = (text: string) => ({ connections: { sales: { url: text } } });
const own = (mongodbUrl: string) => ({ mongodbUrl, journalStore: 'mongodb' as const });

test.each<[string, Partial<GivenSettings>, Partial<GivenSettings>, string[], string[]]>([
  ['nothing', own('mongodb://a:b@h/shop'), own('mongodb://a:b@h/shop'), [], []],
  ['roles', {}, { roles: { analyst: {} } }, ['roles'], []],
  ['limits', {}, { limits: { callsInAll: 4 } }, ['limits'], []],
  ['the level of the log', {}, { logLevel: 'debug' }, ['logLevel'], []],
  ['a secret of an issuer', { oauth: [issuer('one')] }, { oauth: [issuer('two')] }, ['oauth'], []],
  ['a port, and what can change', {}, { httpPort: 1, roles: { a: {} } }, ['roles'], ['httpPort']],
  ['a setting that is not there any more', { localRole: 'a' }, {}, [], ['localRole']],
  ['another secret', { qdrantApiKey: 'one' }, { qdrantApiKey: 'two' }, [], ['qdrantApiKey']],
  ['a password', url('mongodb://a:b@h/shop'), url('mongodb://a:c@h/shop'), ['connections.sales'], []],
  ['a user and a host', url('mongodb://a:b@h/shop'), url('mongodb://b:c@i/shop'), ['connections.sales'], []],
  [
    'a default database',
    url('mongodb://a:b@h/shop'),
    url('mongodb://a:b@h/other'),
    [],
    ['connections.sales'],
  ],
  [
    'a connection string with more of its connection',
    url('mongodb://a:b@h/shop'),
    { connections: { sales: { url: 'mongodb://a:c@h/shop', readOnly: true } } },
    [],
    ['connections.sales'],
  ],
  ['a new connection', {}, url('mongodb://h/shop'), [], ['connections.sales']],
  ['a connection that is gone', url('mongodb://h/shop'), {}, [], ['connections.sales']],
  ['the password of the main server', own('mongodb://a:b@h/s'), own('mongodb://a:c@h/s'), ['mongodbUrl'], []],
  [
    'the main server, where it holds what this one keeps',
    own('mongodb://a:b@h/s'),
    own('mongodb://a:b@i/s'),
    [],
    ['mongodbUrl'],
  ],
  [
    'the main server, where it holds only data',
    { mongodbUrl: 'mongodb://a:b@h/s' },
    { mongodbUrl: 'mongodb://a:b@i/s' },
    ['mongodbUrl'],
    [],
  ],
  ['a first main server', {}, { mongodbUrl: 'mongodb://h/s' }, [], ['mongodbUrl']],
])(
  'of %s it is told what takes effect now, and what at the next start',
  (_what, before, after, now, later) => {
    expect(changesOf(parse(before), parse(after))).toMatchObject({ now, later });
  },
);

function issuer(clientSecret: string) {
  const introspection = { url: 'https://login.example.com/introspect', clientId: 'a', clientSecret };
  return { issuer: 'https://login.example.com', audience: 'here', introspection };
}

test('what has to wait stays as it was, whole', () => {
  const before = parse({ ...url('mongodb://a:b@h/shop'), maxRows: 5 });
  const after = parse({
    connections: { sales: { url: 'mongodb://a:c@h/shop', readOnly: true } },
    maxRows: 6,
    logLevel: 'debug',
  });
  const { wanted } = changesOf(before, after);
  expect(wanted).toMatchObject({ maxRows: 5, logLevel: 'debug' });
  expect(wanted.connections['sales']).toMatchObject({ readOnly: false });
  expect(wanted.connections['sales'] && reveal(wanted.connections['sales'].url)).toContain('a:b@');
});
