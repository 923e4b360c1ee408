import type { Command } from 'commander';
import type { App } from '../app.ts';
import { type Call, type Operation, operations } from '../call.ts';
import type { Config } from '../config.ts';
import { badInput, HydrogenError } from '../errors.ts';
import { isUsable, newKeyId, newSecret, type StoredKey } from '../policy/api-keys.ts';
import { similarNames } from '../similar-names.ts';
import { configOf, runCommand, wantsJson } from './context.ts';
import { note, write } from './output.ts';
import { duration } from './values.ts';

interface CreateFlags {
  readonly scopes: string;
  readonly role: readonly string[];
  readonly claim: readonly string[];
  readonly expires?: string;
}

const maxNameLength = 100;
/** Longer ones would not fit into the signed ids of sessions. */
const maxClaimLength = 256;

function scopesOf(text: string): Operation[] {
  const named = text.split(',').map((scope) => scope.trim());
  return named.map((scope) => {
    const known = operations.find((operation) => operation === scope);
    if (known) return known;
    throw badInput(
      `--scopes: there is no scope "${scope}". Name one or more of ${operations.join(', ')}, separated by commas.`,
    );
  });
}

function claimsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value = ''] = /^([\w-]{1,64})=(.*)$/s.exec(pair) ?? [];
      if (name === undefined || value.length > maxClaimLength)
        throw badInput(
          `--claim takes NAME=VALUE, such as --claim tenant=north: a name of letters, digits, "_" and "-", and a value of up to ${maxClaimLength} characters.`,
        );
      return [name, value];
    }),
  );
}

/** A role that the settings do not have allows nothing: a key with one that was mistyped would be of no use. */
function rolesOf(named: readonly string[], { roles }: Pick<Config, 'roles'>): readonly string[] {
  const known = Object.keys(roles);
  const unknown = named.find((name) => !known.includes(name));
  if (unknown === undefined) return [...new Set(named)];
  const near = similarNames(unknown, known).map((name) => `"${name}"`);
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : known.length > 0
        ? `There is ${known.join(', ')}.`
        : 'They have none: docs/roles.md says how to write one.';
  throw badInput(`--role: there is no role "${unknown}" in the settings. ${hint}`);
}

/** What was given may be the name, which several keys can have. */
async function unknownKey(given: string, { apiKeys }: App, call: Call): Promise<HydrogenError> {
  const named = (await apiKeys.list(call)).filter(({ name }) => name === given).map(({ id }) => id);
  const hint =
    named.length > 0
      ? `Give the id of the one that is called so: ${named.slice(0, 10).join(', ')}.`
      : '`hydrogen keys list` shows all.';
  return new HydrogenError('not_found', `There is no API key "${given}". ${hint}`);
}

/** Which key it was stands in the audit record, as its calls name it. */
const touch = (id: string, call: Call): void => call.touched?.({ what: `key:${id}`, rows: 1 });

const timeText = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** The key alone on stdout, so that it can be piped to where it belongs; it is never shown again. */
function showSecret(key: string, { id, name }: StoredKey, said: string, command: Command): void {
  write(wantsJson(command) ? JSON.stringify({ id, name, key }) : key);
  note(`${said} It is shown this once: clients send it as "Authorization: Bearer KEY".`);
}

async function create(name: string, flags: CreateFlags, command: Command): Promise<void> {
  if (name.trim() === '' || name.length > maxNameLength)
    throw badInput(`A key has a name of up to ${maxNameLength} characters, such as whose it is.`);
  // It is shown in lists and logs, where it must not do anything.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name))
    throw badInput('The name of a key must not contain control characters or invisible ones.');
  const { expires, role } = flags;
  const claims = claimsOf(flags.claim);
  const id = newKeyId();
  const { key, hash } = newSecret(id);
  const createdAt = Date.now();
  const stored: StoredKey = {
    ...{ id, name, hash, createdAt },
    scopes: [...new Set(scopesOf(flags.scopes))],
    ...(role.length > 0 && { roles: rolesOf(role, configOf(command).config) }),
    ...(flags.claim.length > 0 && { claims }),
    ...(expires !== undefined && { expiresAt: createdAt + duration('--expires', expires) }),
  };
  await runCommand(command, 'Creating', 'write', async (app, call) => {
    await app.apiKeys.add(stored, call);
    touch(id, call);
  });
  const until = stored.expiresAt === undefined ? '' : `, good until ${timeText(stored.expiresAt)}`;
  showSecret(key, stored, `Key ${id} for "${name}"${until}.`, command);
}

function stateOf(key: StoredKey): string {
  if (key.revokedAt !== undefined) return `revoked ${timeText(key.revokedAt)}`;
  if (key.expiresAt === undefined) return 'good';
  return `${isUsable(key) ? 'good until' : 'expired'} ${timeText(key.expiresAt)}`;
}

/** Without hashes: they are of no use to a person. */
function shownOf({ hash: _hash, previous, ...shown }: StoredKey): Record<string, unknown> {
  return { ...shown, ...(previous && { previousUntil: previous.until }) };
}

async function list(command: Command): Promise<void> {
  const keys = await runCommand(command, 'Reading', 'read', (app, call) => app.apiKeys.list(call));
  if (wantsJson(command)) {
    write(JSON.stringify(keys.map(shownOf)));
    return;
  }
  if (keys.length === 0) {
    note('There are no API keys. `hydrogen keys create NAME --scopes read,run` makes one.');
    return;
  }
  const { table } = await import('./layout.ts');
  const lines = keys.map((key) => [
    key.id,
    key.scopes.join(','),
    key.roles?.join(',') ?? '',
    stateOf(key),
    key.lastUsedAt === undefined ? 'never used' : `used ${timeText(key.lastUsedAt)}`,
    key.name,
  ]);
  write(table([['ID', 'SCOPES', 'ROLES', 'STATE', 'LAST USE', 'NAME'], ...lines]));
}

async function revoke(id: string, command: Command): Promise<void> {
  const key = await runCommand(command, 'Revoking', 'write', async (app, call) => {
    const revoked = await app.apiKeys.revoke(id, Date.now(), call);
    if (!revoked) throw await unknownKey(id, app, call);
    touch(id, call);
    return revoked;
  });
  write(
    wantsJson(command)
      ? JSON.stringify(shownOf(key))
      : `Key ${id} ("${key.name}") is revoked: servers refuse it within 2 seconds.`,
  );
}

async function rotate(id: string, { overlap }: { overlap: string }, command: Command): Promise<void> {
  const { key, hash } = newSecret(id);
  const overlapMs = duration('--overlap', overlap);
  const previousUntil = Date.now() + overlapMs;
  const stored = await runCommand(command, 'Rotating', 'write', async (app, call) => {
    const known = await app.apiKeys.find(id, call);
    if (!known) throw await unknownKey(id, app, call);
    if (!isUsable(known))
      throw badInput(`The key "${id}" was revoked or has expired. Create another: \`hydrogen keys create\`.`);
    const rotated = await app.apiKeys.rotate(id, { hash, previousUntil }, call);
    if (!rotated) throw await unknownKey(id, app, call);
    touch(id, call);
    return rotated;
  });
  const last = overlapMs === 0 ? 'is refused from now on' : `is good until ${timeText(previousUntil)}`;
  const said = `Key ${id} ("${stored.name}") has a new secret; the last one ${last}.`;
  showSecret(key, stored, said, command);
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

const help = `
A key identifies a caller over HTTP. As soon as there is one, a server asks every caller for a key or a token;
docs/access.md says more.`;

export function registerKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('make, list, revoke and rotate the API keys of callers over HTTP')
    .addHelpText('after', help);
  keys
    .command('create')
    .description('make a key; it alone is written to stdout, once')
    .argument('<name>', 'whose it is, or what for')
    .requiredOption('--scopes <list>', `what it may do, of ${operations.join(', ')}`)
    .option('--role <name>', 'a role of the settings that narrows it; may be repeated', collect, [])
    .option('--claim <name=value>', 'what rules for rows may ask for; may be repeated', collect, [])
    .option('--expires <time>', 'how long it is good, such as 12h or 30d; without it, until it is revoked')
    .action((name: string, flags: CreateFlags, command: Command) => create(name, flags, command));
  keys
    .command('list')
    .description('all keys: what each may do, until when, and when it was last used')
    .action((_flags, command: Command) => list(command));
  keys
    .command('revoke')
    .description('end a key for good')
    .argument('<id>')
    .action((id: string, _flags, command: Command) => revoke(id, command));
  keys
    .command('rotate')
    .description('give a key a new secret')
    .argument('<id>')
    .option('--overlap <time>', 'how long the last secret is good, too; 0 for one that was stolen', '1d')
    .action((id: string, flags: { overlap: string }, command: Command) => rotate(id, flags, command));
}
