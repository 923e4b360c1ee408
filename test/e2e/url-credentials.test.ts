import { describe, expect, test } from 'vitest';
import { withoutCredentials } from '../../src/observability/redact.ts';
import { temporaryDirectory } from '../support/call.ts';
import { hydrogen } from '../support/process.ts';

const secret = 'xylophone';
const mirror = `http://someone:${secret}@127.0.0.1:1/hub?token=${secret}`;

const commandLines: Readonly<Record<string, readonly string[]>> = {
  'the settings': ['config', '--set', `embeddingMirror=${mirror}`],
  'the settings as JSON': ['config', '--json', '--set', `embeddingMirror=${mirror}`],
  'a setting that is meant for something else': [
    ...['config', '--set', `embeddingModel=${mirror}`, '--set', `exportFolder=${mirror}`],
    ...['--set', `include=${JSON.stringify([mirror])}`],
  ],
  'a path that is none': ['config', '--set', `folders=${JSON.stringify([mirror])}`],
  'a setting without a name': ['config', '--set', `embeddingToken ${secret}`],
  'a setting of another type': ['config', '--set', `httpPort=${mirror}`],
  'a connection that there is not': ['config', '--set', `defaultConnection=${mirror}`],
  'a settings file that there is not': ['config', '--config', mirror],
  'an unknown option': ['config', `--${mirror}`],
  'an unknown command': [mirror],
  'a file that there is not': ['ingest', mirror],
};

test.for(Object.entries(commandLines))('%s is told without its password', async ([, args]) => {
  const { out, err } = hydrogen(args, { dataDir: await temporaryDirectory() });

  expect(out + err).not.toBe('');
  expect(out + err).not.toContain(secret);
});

test('a mirror that cannot be reached is told without its password, in the report and in the log', async () => {
  const settings = {
    dataDir: await temporaryDirectory(),
    embeddingModel: 'someone/some-model',
    sampleWorkflows: 'false',
    embeddingMirror: mirror,
    logLevel: 'trace',
  };

  const { out, err } = hydrogen(['doctor'], settings);

  expect(out).toContain('The model hub 127.0.0.1:1 cannot be reached');
  expect(err).toContain('some-model');
  expect(out + err).not.toContain(secret);
});

test('a model that is a URL is told without its password', async () => {
  const settings = {
    dataDir: await temporaryDirectory(),
    embeddingModel: `https://me:${secret}@127.0.0.1`,
    sampleWorkflows: 'false',
  };

  const { out, err } = hydrogen(['doctor'], settings);

  expect(out).toContain('There is no embedding model "https://…@127.0.0.1"');
  expect(out + err).not.toContain(secret);
});

describe('credentials are taken out of text', () => {
  test.each([
    ['https://user:pw@host/x', 'https://…@host/x'],
    ['at https://user@host/, and http://h:80/a@b', 'at https://…@host/, and http://h:80/a@b'],
    ['https://user:p/w?x#@y@host:80/z', 'https://…@host:80/z'],
    ['{"url":"https://u:p\\"q@h/","x":"a@b"}', '{"url":"https://…@h/","x":"a@b"}'],
    ['https://h/?api_key=abc&x=1#access_token=z', 'https://h/?api_key=…&x=1#access_token=…'],
    ['{"url":"http://h/?token=a\\"b","x":1}', '{"url":"http://h/?token=…","x":1}'],
    ['http://127.0.0.1:3800/mcp?page=2', 'http://127.0.0.1:3800/mcp?page=2'],
    ['mongodb://user:12345/x@host/db', 'mongodb://…@host/db'],
    ['mongodb+srv://user:1234?x@host/db', 'mongodb+srv://…@host/db'],
    ['postgres://u:1/2@h/, redis://:6379/a@h/1', 'postgres://…@h/, redis://…@h/1'],
    ['http://u:1234?x@h/', 'http://…@h/'],
    ['wss://h:80/a@b and mongodb://h:27017/ a@b', 'wss://h:80/a@b and mongodb://h:27017/ a@b'],
    ['/work/https:/u:p@h/x', '/work/https:/…@h/x'],
    ['/do/0/https:~1~1u:p@h~1x/then: no', '/do/0/https:~1~1…@h~1x/then: no'],
    ['C:/users/me@work/x', 'C:/users/me@work/x'],
    [
      `There is nothing at /hyd_0123456789ab_${'x'.repeat(49)}/mcp.`,
      'There is nothing at /hyd_0123456789ab_…/mcp.',
    ],
    ['"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"', '"Bearer eyJhbGciOiJub25lIn0.…"'],
    ['hyd_0123456789ab and eyJhbGciOiJub25lIn0', 'hyd_0123456789ab and eyJhbGciOiJub25lIn0'],
  ])('%s', (text, shown) => {
    expect(withoutCredentials(text)).toBe(shown);
  });
});
