import { chmod, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../support/call.ts';
import { certify, hasOpenssl } from '../support/certificate.ts';
import { command } from '../support/command.ts';
import { isInstalled, skipReason, startServer } from '../support/mongo-servers.ts';
import { posix } from '../support/platform.ts';
import { bare } from '../support/process.ts';

interface Part {
  readonly name: string;
  readonly state: string;
  readonly detail: string;
  readonly action?: string;
}

async function examined(
  settings: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Part[]> {
  const { out } = await command([...args, 'doctor', '--json'], { ...bare, ...settings });
  return (JSON.parse(out) as { parts: Part[] }).parts;
}

/** Settings that others can read. */
async function settingsFile(settings: object): Promise<string> {
  const folder = await temporaryDirectory();
  await chmod(folder, 0o755);
  const path = join(folder, 'settings.json');
  await writeFile(path, JSON.stringify(settings));
  await chmod(path, 0o644);
  return path;
}

const unix = test.runIf(posix('modes'));

unix(
  'doctor names a settings file with secrets that others can read, and secrets of an example',
  async () => {
    const path = await settingsFile({ qdrantApiKey: 'changeme' });
    const found = await examined({ dataDir: await temporaryDirectory() }, '--config', path);
    expect(found.filter(({ name }) => name === 'secrets')).toMatchObject([
      {
        state: 'degraded',
        detail: expect.stringContaining(path),
        action: expect.stringContaining('chmod 600'),
      },
      { state: 'degraded', detail: 'qdrantApiKey is what others would try first' },
    ]);
  },
);

unix('a settings file without secrets may be read by others', async () => {
  const path = await settingsFile({ qdrantApiKeyFile: 'key' });
  await writeFile(join(dirname(path), 'key'), 'GZ0bq7xXo0cV9mJ4', { mode: 0o600 });
  const found = await examined({ dataDir: await temporaryDirectory() }, '--config', path);
  expect(found.map(({ name }) => name)).not.toContain('secrets');
});

test('doctor names API keys whose role is gone, that end soon, and that have one name', async () => {
  const dataDir = await temporaryDirectory();
  const roles = JSON.stringify({ analyst: {}, guest: {} });
  const make = (...args: string[]) =>
    command(['keys', 'create', ...args, '--scopes', 'read'], { ...bare, dataDir, roles });
  await make('ann', '--role', 'guest');
  await make('bob', '--expires', '5d');
  await make('bob');
  const parts = await examined({ dataDir, roles: JSON.stringify({ guests: {} }) });
  const { detail, action } = parts.find(({ name }) => name === 'API keys') ?? {};
  expect(detail).toMatch(/"ann" \([0-9a-f]{12}\) has the role "guest", .* \(there is "guests"\)/);
  expect(detail).toMatch(/"bob" \([0-9a-f]{12}\) ends on \d{4}-\d{2}-\d{2}; 2 keys are called "bob"/);
  expect(action).toMatch(/allows nothing/);
});

test.skipIf(!hasOpenssl)('doctor names a certificate that ends within 30 days', async () => {
  const dataDir = await temporaryDirectory();
  const { cert: httpTlsCert, key: httpTlsKey } = await certify(dataDir, 29);
  const settings = { dataDir, httpTlsCert, httpTlsKey };
  expect(await examined(settings)).toContainEqual(
    expect.objectContaining({ name: 'certificate', detail: expect.stringMatching(/ends on \d{4}-/) }),
  );
  await certify(dataDir, 60);
  expect((await examined(settings)).map(({ name }) => name)).not.toContain('certificate');
});

test.skipIf(!hasOpenssl)(
  'doctor names a certificate whose key is another, with which no server begins',
  async () => {
    const dataDir = await temporaryDirectory();
    const [one, other] = [await certify(dataDir, 60), await certify(await temporaryDirectory(), 60)];
    expect(await examined({ dataDir, httpTlsCert: one.cert, httpTlsKey: other.key })).toContainEqual(
      expect.objectContaining({ name: 'certificate', action: expect.stringContaining('belong together') }),
    );
  },
);

const java = 'mongo-java-server';
test.skipIf(!isInstalled(java))(
  `doctor says of a connection that is read-only what it could find out about its user${skipReason(java)}`,
  async () => {
    const server = await startServer(java);
    onTestFinished(() => server.stop());
    const connections = {
      open: { url: `${server.url}/shop`, timeoutMs: 20_000 },
      closed: { url: `${server.url}/shop`, timeoutMs: 20_000, readOnly: true },
    };
    const settings = { dataDir: await temporaryDirectory(), connections: JSON.stringify(connections) };
    const found = (await examined(settings)).filter(({ detail }) => detail.startsWith('readOnly is set'));
    expect(found.map(({ name }) => name)).toEqual(['connection closed']);
  },
);

const rules = (field: string) => ({
  analyst: {
    rows: [{ collection: 'embedded/main/*', filter: { $or: [{ tenant: 'north' }, { 'lines.0.sku': 'a' }] } }],
    hidden: [{ collection: '*/*/orders', fields: [field] }],
  },
});

test('doctor warns of a field in the rules of a role that no collection has', async () => {
  const dataDir = await temporaryDirectory();
  const file = join(await temporaryDirectory(), 'orders.jsonl');
  await writeFile(file, '{"tenant":"north","email":"a@example.com","lines":[{"sku":"a"}]}\n');
  await command(['import', 'orders', file], { ...bare, dataDir });
  const partsWith = async (field: string) =>
    (await examined({ dataDir, roles: JSON.stringify(rules(field)) })).filter(({ name }) => name === 'roles');
  expect(await partsWith('emial')).toMatchObject([
    {
      state: 'degraded',
      detail:
        'role "analyst" hides "emial" in */*/orders, which no document that was looked at has (there is "email")',
    },
  ]);
  expect(await partsWith('email')).toEqual([]);
});
