import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fromHome } from '../../src/config/home-folder.ts';
import { type ConfigSources, loadConfig } from '../../src/config/load.ts';
import { describeSettings, printable } from '../../src/config.ts';
import { reveal, type Secret, secretOf } from '../../src/observability/secret.ts';
import { temporaryDirectory } from '../support/call.ts';

const load = (sources: Partial<ConfigSources> = {}) =>
  loadConfig({
    ...{ environment: {}, overrides: {}, workingDirectory: '/nowhere', dataDirectory: '/nowhere/data' },
    ...sources,
  }).config;

test('without any setting there are defaults', () => {
  const config = load();
  expect(config).toMatchObject({
    httpHost: '127.0.0.1',
    enableIngest: false,
    enableWrites: false,
    confirmWrites: 'ask',
    embeddingModel: 'hydrogen-embed-small-en',
  });
});

test('numbers without a default, and limits as JSON, come from the environment and the command line, too', () => {
  const config = load({
    environment: { HYDROGEN_METRICS_PORT: '9464', HYDROGEN_LIMITS: '{"read":{"callsPerMinute":5}}' },
    overrides: { maxMemoryMb: '500' },
  });
  expect(config).toMatchObject({
    metricsPort: 9464,
    maxMemoryMb: 500,
    limits: { read: { callsPerMinute: 5 } },
  });
});

test('later sources win: file, then environment, then command line', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'hydrogen.json'), '{"maxRows":1,"httpPort":1,"readThreads":1}');
  const config = load({
    workingDirectory: directory,
    environment: { HYDROGEN_HTTP_PORT: '2', HYDROGEN_READ_THREADS: '2' },
    overrides: { readThreads: '3' },
  });
  expect(config).toMatchObject({ maxRows: 1, httpPort: 2, readThreads: 3 });
});

test('every command and client finds the hydrogen.json of the data directory; a nearer file wins', async () => {
  const data = await temporaryDirectory();
  const project = await temporaryDirectory();
  const text = JSON.stringify({ maxRows: 1, httpPort: 1, readThreads: 1, folders: ['docs'] });
  await writeFile(join(data, 'hydrogen.json'), text);
  await writeFile(
    join(project, 'hydrogen.json'),
    JSON.stringify({ dataDir: data, httpPort: 2, readThreads: 2 }),
  );
  await writeFile(join(project, 'other.json'), '{"httpPort":3}');
  const sources = {
    environment: { HYDROGEN_READ_THREADS: '3' },
    overrides: { logLevel: 'warn' },
    workingDirectory: project,
  };

  const { config, files, settingsFiles, origins } = loadConfig(sources);
  const named = loadConfig({ ...sources, file: 'other.json', dataDirectory: data });

  expect(config).toMatchObject({
    dataDir: data,
    maxRows: 1,
    httpPort: 2,
    readThreads: 3,
    folders: [join(data, 'docs')],
  });
  expect(settingsFiles).toEqual([
    { path: join(data, 'hydrogen.json'), what: 'hydrogen.json of the data directory', isRead: true },
    { path: join(project, 'hydrogen.json'), what: 'hydrogen.json of the working directory', isRead: true },
  ]);
  expect([...files].sort()).toEqual(settingsFiles.map(({ path }) => path).sort());
  expect(Object.fromEntries(origins)).toEqual({
    maxRows: join(data, 'hydrogen.json'),
    folders: join(data, 'hydrogen.json'),
    dataDir: join(project, 'hydrogen.json'),
    httpPort: join(project, 'hydrogen.json'),
    readThreads: 'environment',
    logLevel: 'command line',
  });
  expect(named.config).toMatchObject({ maxRows: 1, httpPort: 3, readThreads: 3 });
  expect(named.settingsFiles.map(({ what }) => what)).toEqual([
    'hydrogen.json of the data directory',
    'the file named by --config',
  ]);
});

test('the data directory cannot be named in its own file', async () => {
  const data = await temporaryDirectory();
  await writeFile(join(data, 'hydrogen.json'), '{"dataDir":"elsewhere"}');
  expect(() => load({ dataDirectory: data })).toThrow(
    /"dataDir" cannot stand in the data directory itself.*HYDROGEN_DATA_DIR/,
  );
});

test('all that is wrong is said at once', async () => {
  const directory = await temporaryDirectory();
  const text = JSON.stringify({
    maxrows: 1,
    readThreads: 0,
    folders: ['https://example.com/a'],
    defaultConnection: 'no',
  });
  await writeFile(join(directory, 'hydrogen.json'), text);
  const wrong = {
    workingDirectory: directory,
    environment: { HYDROGEN_HTTP_PORT: 'abc', HYDROGEN_NO: '1' },
    overrides: { enableIngest: 'maybe', nothing: '1' },
  };
  const lines = [
    /HYDROGEN_HTTP_PORT: httpPort must be a whole number/,
    /no setting "HYDROGEN_NO"/,
    /enableIngest must be true or false/,
    /Command line: there is no setting "nothing"/,
    /hydrogen\.json: there is no setting "maxrows"/,
    /"folders" must be a path on this machine/,
    /Setting "readThreads" in .*hydrogen\.json: must be at (least|most)/,
  ];
  for (const line of lines) expect(() => load(wrong)).toThrow(line);
});

test('a relative path in the file is meant from the file, elsewhere from the working directory', async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, 'other.json');
  await writeFile(file, '{"folders":["docs"]}');
  const config = load({ file, environment: { HYDROGEN_DATA_DIR: 'data' } });
  expect(config.folders).toEqual([join(directory, 'docs')]);
  expect(config.dataDir).toBe(resolve('/nowhere', 'data'));
});

test('a list from the environment is JSON, or separated as PATH is', () => {
  const separated = load({ environment: { HYDROGEN_DISABLED_TOOLS: ['find', 'count'].join(delimiter) } });
  const json = load({ environment: { HYDROGEN_DISABLED_TOOLS: '["find","count"]' } });
  expect([separated.disabledTools, json.disabledTools]).toEqual([
    ['find', 'count'],
    ['find', 'count'],
  ]);
});

test.each([
  ['disabledTools', 'find, count,', ['find', 'count']],
  ['include', '*.pdf,reports/**', ['*.pdf', 'reports/**']],
  ['include', `*.{md,txt},a b.csv${delimiter}*.pdf`, ['*.{md,txt}', 'a b.csv', '*.pdf']],
  ['exclude', '["a,b.pdf"]', ['a,b.pdf']],
  // A path may have a comma.
  ['folders', `/a, b${delimiter}/c`, [resolve('/a, b'), resolve('/c')]],
] as const)('a list of names or patterns takes commas, one of paths does not: %s=%s', (name, text, items) => {
  expect(load({ overrides: { [name]: text } })[name]).toEqual(items);
  const variable = `HYDROGEN_${name.replace(/[A-Z]/, (letter) => `_${letter}`).toUpperCase()}`;
  expect(load({ environment: { [variable]: text } })[name]).toEqual(items);
});

test('a secret may come from a file', async () => {
  const file = join(await temporaryDirectory(), 'token');
  await writeFile(file, 'abc\n');
  const { embeddingToken } = load({ environment: { HYDROGEN_EMBEDDING_TOKEN_FILE: file } });
  expect(embeddingToken && reveal(embeddingToken)).toBe('abc');
});

test('a connection may have its connection string in a file, named from the settings file', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'sales-url'), 'mongodb://sales.example/app\n');
  await writeFile(
    join(directory, 'hydrogen.json'),
    '{"connections":{"sales":{"urlFile":"sales-url","readPreference":"nearest"}}}',
  );
  const { sales } = load({ workingDirectory: directory }).connections;
  expect(sales).toEqual({ url: expect.anything(), readPreference: 'nearest', readOnly: false });
  expect(sales && reveal(sales.url)).toBe('mongodb://sales.example/app');
});

test('a collection that others fill may have address and key in files, named from the settings file', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'address'), 'https://qdrant.example\n');
  await writeFile(join(directory, 'key'), 'abc\n');
  await writeFile(
    join(directory, 'hydrogen.json'),
    '{"qdrantCollections":[{"name":"m","collection":"notes","urlFile":"address","apiKeyFile":"key"}]}',
  );
  const sources = { workingDirectory: directory, environment: {}, overrides: {} };
  const [collection] = load(sources).qdrantCollections;
  expect(collection?.apiKey && reveal(collection.apiKey)).toBe('abc');
  expect(collection).toEqual({
    name: 'm',
    collection: 'notes',
    url: 'https://qdrant.example',
    apiKey: expect.anything(),
    text: 'document',
    metadata: 'metadata',
  });
  expect(loadConfig(sources).files).toEqual(
    expect.arrayContaining([join(directory, 'address'), join(directory, 'key')]),
  );
});

test('of secrets it is only printed that they are set', () => {
  const connections = { sales: { url: secretOf('mongodb://u:p@h/'), readOnly: false } };
  const shown = (name: string, value: unknown) => {
    const setting = describeSettings().find((one) => one.name === name);
    return setting && printable(setting, value);
  };
  expect(shown('mongodbUrl', 'mongodb://u:p@h/')).toBe('(set)');
  expect(shown('connections', connections)).toEqual({ sales: { url: '(set)', readOnly: false } });
  const [collection] = [{ name: 'm', collection: 'notes', apiKey: secretOf('abc') }];
  expect(shown('qdrantCollections', [collection])).toEqual([{ ...collection, apiKey: '(set)' }]);
  expect(shown('maxRows', 5)).toBe(5);
});

const issuer = {
  issuer: 'https://login.example.com',
  audience: 'https://mcp.example.com/mcp',
  introspection: { url: 'https://login.example.com/introspect', clientId: 'hydrogen' },
};

test('the secret of an issuer may come from a file, from the folder of the settings', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'secret'), 'sesame\n');
  const introspection = { ...issuer.introspection, clientSecretFile: 'secret' };
  await writeFile(
    join(directory, 'hydrogen.json'),
    JSON.stringify({ oauth: [{ ...issuer, introspection }] }),
  );
  const sources = { environment: {}, overrides: {}, workingDirectory: directory };
  const { config, files } = loadConfig(sources);
  const { clientSecret } = config.oauth[0]?.introspection ?? {};
  expect(clientSecret && reveal(clientSecret)).toBe('sesame');
  expect(files).toContain(join(directory, 'secret'));
  const setting = describeSettings().find(({ name }) => name === 'oauth');
  expect(JSON.stringify(setting && printable(setting, config.oauth))).not.toContain('sesame');
});

test('the private key for HTTPS is one of the files that are never read as documents', async () => {
  const directory = await temporaryDirectory();
  await writeFile(
    join(directory, 'hydrogen.json'),
    JSON.stringify({ httpTlsCert: 'cert.pem', httpTlsKey: 'key.pem' }),
  );
  const { files } = loadConfig({ environment: {}, overrides: {}, workingDirectory: directory });
  expect(files).toEqual(expect.arrayContaining([join(directory, 'cert.pem'), join(directory, 'key.pem')]));
});

const json = (value: unknown): string => JSON.stringify(value);
const withoutAudience = { issuer: issuer.issuer };

test.each<[string, Record<string, string>, RegExp]>([
  ['a host with a scheme', { httpAllowedHosts: 'https://mcp.example.com' }, /is no host/],
  ['every origin', { httpAllowedOrigins: '*' }, /name the origins/],
  ['an origin with a path', { httpAllowedOrigins: 'https://app.example.com/' }, /without a path/],
  ['a proxy by its name', { httpTrustedProxies: 'gateway' }, /is no address/],
  ['a range of proxies that is none', { httpTrustedProxies: '10.0.0.0/33' }, /is no address/],
  ['a certificate without its key', { httpTlsCert: '/cert.pem' }, /need each other/],
  ['a public address with a user', { publicUrl: 'https://a:b@mcp.example.com' }, /publicUrl/],
  ['an issuer without an audience', { oauth: json([withoutAudience]) }, /meant for this server/],
  ['an issuer twice', { oauth: json([withoutSecret(), withoutSecret()]) }, /there twice/],
  ['roles of no claim', { oauth: json([{ ...withoutSecret(), roles: { a: 'b' } }]) }, /rolesClaim/],
  ['an unencrypted issuer', { oauth: json([{ ...withoutSecret(), issuer: 'http://x.example' }]) }, /https/],
  [
    'an algorithm with a shared secret',
    { oauth: json([{ ...withoutSecret(), algorithms: ['HS256'] }]) },
    /oauth/,
  ],
])('%s is refused with what to do', (_what, overrides, message) => {
  expect(() => load({ overrides })).toThrow(message);
});

function withoutSecret(): object {
  const { introspection: _secret, ...rest } = issuer;
  return rest;
}

test('what is refused of a connection is not repeated', () => {
  const attempts = [
    { environment: { HYDROGEN_MONGODB_URL: 'mongo://u:hunter22@h/' } },
    { environment: { HYDROGEN_CONNECTIONS: '{"a":{"url":"http://u:hunter22@h/"}}' } },
    { environment: { HYDROGEN_CONNECTIONS: '{"a":{"url":"mongodb://u:hunter22@h/",}' } },
    { environment: { HYDROGEN_CONNECTIONS: '{"a":"mongodb://u:hunter22@h/"}' } },
  ];
  for (const attempt of attempts) {
    expect(() => load(attempt)).toThrow(/mongodbUrl|connections/);
    expect(() => load(attempt)).not.toThrow(/hunter22/);
  }
});

test.each<[string, Partial<ConfigSources>, RegExp]>([
  [
    'a default connection that is none',
    { overrides: { defaultConnection: 'sales' } },
    /there is no connection "sales"\. Known: "embedded"/,
  ],
  [
    'a connection named like the embedded store',
    { environment: { HYDROGEN_CONNECTIONS: '{"embedded":{"url":"mongodb://h/"}}' } },
    /must not be "embedded"/,
  ],
  [
    'a connection whose file is missing',
    { environment: { HYDROGEN_CONNECTIONS: '{"a":{"urlFile":"/missing"}}' } },
    /connections\.a": the file that urlFile names cannot be read/,
  ],
  [
    'a collection that others fill without a server',
    { environment: { HYDROGEN_QDRANT_COLLECTIONS: '[{"name":"m","collection":"notes"}]' } },
    /collection "m": no setting says where its server is: set "url", or qdrantUrl/,
  ],
  [
    'two collections that others fill with one name',
    {
      overrides: { qdrantUrl: 'http://h', indexStore: 'embedded' },
      environment: {
        HYDROGEN_QDRANT_COLLECTIONS: '[{"name":"m","collection":"a"},{"name":"m","collection":"b"}]',
      },
    },
    /collection "m": the name is already used/,
  ],
  [
    'a collection that others fill without a model',
    {
      overrides: { qdrantUrl: 'http://h', embeddingModel: 'none' },
      environment: { HYDROGEN_QDRANT_COLLECTIONS: '[{"name":"m","collection":"a"}]' },
    },
    /collection "m": nothing can be compared with the model "none"/,
  ],
  [
    'a collection that others fill whose key file is missing',
    {
      environment: {
        HYDROGEN_QDRANT_COLLECTIONS: '[{"name":"m","collection":"a","apiKeyFile":"/missing"}]',
      },
    },
    /collection "m": the file that apiKeyFile names cannot be read/,
  ],
  [
    'an unknown member of a role',
    { environment: { HYDROGEN_ROLES: '{"analyst":{"collection":["*/*/*"]}}' } },
    /"roles".*analyst there is no "collection"\. Did you mean "collections"\?/,
  ],
  [
    'an unknown member of a connection',
    { environment: { HYDROGEN_CONNECTIONS: '{"a":{"url":"mongodb://h/","readonly":true}}' } },
    /there is no "readonly"\. Did you mean "readOnly"\?/,
  ],
  ['an unknown variable', { environment: { HYDROGEN_HTTP_PROT: '1' } }, /no setting "HYDROGEN_HTTP_PROT"/],
  ['an unknown name', { overrides: { maxRow: '1' } }, /no setting "maxRow".*Did you mean "maxRows"/],
  [
    'text for a number',
    { environment: { HYDROGEN_HTTP_PORT: 'abc' } },
    /HYDROGEN_HTTP_PORT: httpPort must be a whole number, not "abc"/,
  ],
  ['text for a boolean', { overrides: { enableIngest: 'maybe' } }, /enableIngest must be true or false/],
  [
    'a value out of range',
    { overrides: { httpPort: '70000' } },
    /Setting "httpPort" \(HYDROGEN_HTTP_PORT\): .*65535/,
  ],
  ['a broken list', { overrides: { folders: '["a"' } }, /folders is not a valid JSON list/],
  ['an impossible choice', { overrides: { logLevel: 'loud' } }, /Setting "logLevel".*"info"/],
  ['a file that is missing', { file: 'missing.json' }, /missing\.json cannot be read/],
  [
    'a secret whose file is missing',
    { environment: { HYDROGEN_EMBEDDING_TOKEN_FILE: '/missing' } },
    /HYDROGEN_EMBEDDING_TOKEN_FILE: the file it names cannot be read: there is no such file\./,
  ],
])('%s is refused with what to do', (_what, sources, message) => {
  expect(() => load(sources)).toThrow(message);
});

test.each([
  ['redisUrl', 'redis://:pa#ss-s3cret@127.0.0.1:6379'],
  ['redisUrl', 'redis://:pa/ss-s3cret@127.0.0.1:6379'],
  ['redisUrl', 'redis://jane:12/s3cret@127.0.0.1:6379'],
  ['redisUrl', 'rediss://jane:pa%zzs3cret@127.0.0.1:6379'],
  ['natsUrl', 'nats://jane:pa#ss-s3cret@127.0.0.1:4222'],
  ['natsUrl', 'nats://127.0.0.1:4222,tls://jane:pa%s3cret@127.0.0.1:4223'],
  ['natsUrl', 'nats://jane:s3cret@127.0.0.1:4222,http://127.0.0.1:4223'],
])('a %s whose password is not encoded is refused with what to do, and not shown', (name, url) => {
  const refused = (): unknown => load({ overrides: { [name]: url } });
  expect(refused).toThrow(new RegExp(`"${name}".*percent-encode special characters in user and password`));
  expect(refused).not.toThrow(/s3cret/);
});

test.each([
  ['redisUrl', 'redis://:pa%23%2F%25ss@127.0.0.1:6379/2?family=6'],
  ['redisUrl', 'redis://[::1]:6379'],
  ['natsUrl', 'nats://jane:pa%23ss@127.0.0.1:4222, tls://token@nats.example.com'],
])('a %s with an encoded password, or none, is taken', (name, url) => {
  const value: unknown = load({ overrides: { [name]: url } })[name as 'redisUrl' | 'natsUrl'];
  expect(reveal(value as Secret)).toBe(url);
});

test('a user in the address of a Qdrant server is refused: it would not be sent', () => {
  const main = (): unknown => load({ overrides: { qdrantUrl: 'https://jane:s3cret@h:6333' } });
  expect(main).toThrow(/"qdrantUrl".*must be without user and password: use qdrantApiKey/);
  expect(main).not.toThrow(/s3cret/);
  const one = [{ name: 'm', collection: 'a', url: 'https://s3cret@h:6333' }];
  const other = (): unknown => load({ overrides: { qdrantCollections: JSON.stringify(one) } });
  expect(other).toThrow(/"qdrantCollections".* 0\.url must be without user and password: use apiKey/);
  expect(other).not.toThrow(/s3cret/);
});

test('a settings file that is there and cannot be read is an error: it may restrict clients', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'hydrogen.json'));
  expect(() => load({ overrides: { dataDir: directory } })).toThrow(
    /hydrogen\.json cannot be read: .*(folder|neither a file)/,
  );
});

test.each([
  ['{"maxRows":', /hydrogen\.json is not valid JSON/],
  ['{"mongodbUrl":"mongodb://u:hunter22@h/",}', /^(?!.*hunter22).*is not valid JSON at position \d+/],
  ['[]', /must hold one JSON object/],
  ['{"roles":{},"roles":{"a":{}}}', /names "roles" twice in one object/],
  ['{"maxrows":1}', /no setting "maxrows".*Did you mean "maxRows"/],
])('a settings file with %s is refused', async (text, message) => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'hydrogen.json'), text);
  expect(() => load({ workingDirectory: directory })).toThrow(message);
});

test('every setting is described, and secret are the connection strings, keys and tokens', () => {
  const described = describeSettings();
  expect(described.filter(({ description }) => description === '')).toEqual([]);
  expect(described.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
    'mongodbUrl',
    'embeddingToken',
    'qdrantApiKey',
    'redisUrl',
    'natsUrl',
    'natsCredentials',
    'auditKey',
  ]);
});

test('"~" before a path is the home folder, wherever the setting stands: no shell has seen it', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'hydrogen.json'), '{"folders":["~/documents","~x"],"exportFolder":"~"}');
  const config = load({
    workingDirectory: directory,
    environment: { HYDROGEN_DATA_DIR: '~/data', HYDROGEN_EMBEDDING_MODEL: '~/model' },
    overrides: { workflowFolders: '~/flows' },
  });
  expect(config).toMatchObject({
    folders: [join(homedir(), 'documents'), join(directory, '~x')],
    exportFolder: homedir(),
    dataDir: join(homedir(), 'data'),
    embeddingModel: join(homedir(), 'model'),
    workflowFolders: [join(homedir(), 'flows')],
  });
});

test.each([
  ['~', 'C:\\Users\\ann'],
  ['~\\docs', 'C:\\Users\\ann\\docs'],
  ['~/docs/x', 'C:\\Users\\ann\\docs\\x'],
  ['~bob\\docs', '~bob\\docs'],
  ['C:\\~\\docs', 'C:\\~\\docs'],
])('on Windows "~" before a path is the home folder, too: %s', (path, expected) => {
  expect(fromHome(path, { home: 'C:\\Users\\ann', platform: 'win32' })).toBe(expected);
});

test('exportFolder is relative to the file that names it', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'hydrogen.json'), '{"exportFolder":"out"}');
  expect(load({ file: join(directory, 'hydrogen.json') }).exportFolder).toBe(join(directory, 'out'));
});

test('Windows takes the names of variables in any case, other systems do not', () => {
  const environment = { Hydrogen_Max_Rows: '7' };
  expect(load({ environment, platform: 'win32' }).maxRows).toBe(7);
  expect(load({ environment, platform: 'linux' }).maxRows).toBe(100);
});
