import { expect, test } from 'vitest';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import { partsOfKey } from '../../src/policy/api-keys.ts';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';

type Row = Record<string, unknown>;

async function opened() {
  const dataDir = await temporaryDirectory();
  const roles = JSON.stringify({ analyst: { operations: ['read'] } });
  const keys = (...args: string[]) => command(['keys', ...args], { dataDir, roles });
  const rows = async (): Promise<Row[]> => JSON.parse((await keys('list', '--json')).out) as Row[];
  const created = async (...args: string[]): Promise<string> => {
    const { out } = await keys('create', 'CI', '--scopes', 'read,run', ...args);
    return partsOfKey(out.trim())?.id ?? '';
  };
  return { keys, rows, created };
}

test('a new key is all that is written to stdout; what else there is to say is on stderr', async () => {
  const { keys } = await opened();
  const { out, err, code } = await keys('create', 'CI', '--scopes', 'read');
  expect(code).toBe(0);
  expect(out).toMatch(/^hyd_\w+\n$/);
  expect(partsOfKey(out.trim())).toBeDefined();
  expect(err).toMatch(/shown this once/);
  expect(err).not.toContain(out.trim());
});

test.each(['a\u001b[31mb', 'a\nb', 'a\u202eb'])(
  'a name with what cannot be seen is refused: %j',
  async (name) => {
    const { keys, rows } = await opened();
    const { code, err } = await keys('create', name, '--scopes', 'read');
    expect(code).not.toBe(0);
    expect(err).toMatch(/control character/);
    expect(await rows()).toEqual([]);
  },
);

test('the list says what a key may do, never its secret', async () => {
  const { keys, rows } = await opened();
  const { out } = await keys(
    ...['create', 'Ada', '--scopes', 'read,run', '--role', 'analyst', '--claim', 'tenant=north'],
    ...['--expires', '30d'],
  );
  const secret = partsOfKey(out.trim())?.secret ?? '';
  expect(await rows()).toMatchObject([
    { name: 'Ada', scopes: ['read', 'run'], roles: ['analyst'], claims: { tenant: 'north' } },
  ]);
  const [row] = await rows();
  expect(Number(row?.['expiresAt']) - Number(row?.['createdAt'])).toBe(30 * 86_400_000);
  const listed = `${(await keys('list')).out}${(await keys('list', '--json')).out}`;
  expect(listed).toContain('Ada');
  expect(listed).not.toContain(secret);
  expect(listed).not.toMatch(/hash/);
});

test('the list stands in columns for a program, too', async () => {
  const { keys } = await opened();
  await keys('create', 'Ada', '--scopes', 'read,run,write', '--role', 'analyst');
  await keys('create', 'Bob', '--scopes', 'read');
  const [head = '', ...lines] = (await keys('list')).out.trimEnd().split('\n');
  const [state, name] = [head.indexOf('STATE'), head.indexOf('NAME')];
  expect(lines.map((line) => line.slice(state, state + 4))).toEqual(['good', 'good']);
  expect(lines.map((line) => line.slice(name))).toEqual(['Ada', 'Bob']);
});

test('a role that the settings do not have is refused, with the one that was meant, and no key is made', async () => {
  const { keys, rows } = await opened();
  const { out, err, code } = await keys('create', 'Ada', '--scopes', 'read', '--role', 'anlyst');
  expect([out, code]).toEqual(['', 2]);
  expect(err).toContain('there is no role "anlyst" in the settings. Did you mean "analyst"?');
  expect(await rows()).toEqual([]);
});

test('the audit record names the key that was made, rotated or revoked', async () => {
  const settings = { dataDir: await temporaryDirectory(), auditKey: newAuditKey() };
  const { out } = await command(['keys', 'create', 'CI', '--scopes', 'read'], settings);
  const id = partsOfKey(out.trim())?.id ?? 'no key';
  await command(['keys', 'rotate', id], settings);
  await command(['keys', 'revoke', id], settings);
  const shown = (await command(['audit', 'show'], settings)).out;
  for (const done of ['create', 'rotate', 'revoke'])
    expect(shown).toMatch(new RegExp(`ended .*command keys ${done} .*ok.*key:${id}`));
});

test('a key that is revoked is listed as revoked', async () => {
  const { keys, created } = await opened();
  const id = await created();
  expect((await keys('revoke', id)).out).toMatch(/is revoked/);
  expect((await keys('list')).out).toMatch(/revoked \d{4}-/);
});

test('a rotation writes another key of the same id, once', async () => {
  const { keys, created, rows } = await opened();
  const id = await created();
  const { out, err } = await keys('rotate', id, '--overlap', '2h');
  expect(partsOfKey(out.trim())?.id).toBe(id);
  expect(err).toMatch(/good until/);
  expect(await rows()).toHaveLength(1);
});

test('where a name is given, the ids of the keys that are called so are told', async () => {
  const { keys, created } = await opened();
  const id = await created();
  expect((await keys('revoke', 'CI')).err).toContain(
    `There is no API key "CI". Give the id of the one that is called so: ${id}.`,
  );
});

test('a rotation without an overlap says that the last secret is refused', async () => {
  const { keys, created } = await opened();
  expect((await keys('rotate', await created(), '--overlap', '0')).err).toMatch(
    /the last one is refused from now on\. /,
  );
});

test.each([
  ['an unknown scope', ['create', 'CI', '--scopes', 'read,admin'], /no scope "admin"/],
  ['no scopes', ['create', 'CI'], /scopes/],
  [
    'a time without a unit',
    ['create', 'CI', '--scopes', 'read', '--expires', '30'],
    /--expires takes a time/,
  ],
  ['a claim without a value', ['create', 'CI', '--scopes', 'read', '--claim', 'tenant'], /NAME=VALUE/],
  ['an empty name', ['create', ' ', '--scopes', 'read'], /has a name/],
  ['an unknown key to revoke', ['revoke', 'a1b2'], /no API key "a1b2"/],
  ['an unknown key to rotate', ['rotate', 'a1b2'], /no API key "a1b2"/],
])('%s is refused with what to do', async (_what, args, message) => {
  const { keys } = await opened();
  const { err, out, code } = await keys(...args);
  expect(code).not.toBe(0);
  expect(err).toMatch(message);
  expect(out).toBe('');
});

test('a key that was revoked gets no new secret', async () => {
  const { keys, created } = await opened();
  const id = await created();
  await keys('revoke', id);
  const { err, out } = await keys('rotate', id);
  expect(err).toMatch(/was revoked or has expired/);
  expect(out).toBe('');
});
