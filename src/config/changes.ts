import { isDeepStrictEqual } from 'node:util';
import type { Config, SettingName } from '../config.ts';
import { isSecret, reveal } from '../observability/secret.ts';
import { databaseIn } from './connections.ts';
import { isOnMongodb, storesOf } from './stores.ts';

/** What takes effect while the server runs, since whoever reads it looks at it anew. Connection strings are apart. */
const atOnce = ['roles', 'limits', 'oauth', 'logLevel'] as const satisfies readonly SettingName[];

/** Settings that were read again, against those in use. */
export interface Changes {
  /** The settings in use with what can change at once. */
  readonly wanted: Config;
  /** What that is, by name. */
  readonly now: readonly string[];
  /** What takes effect at the next start, by name. */
  readonly later: readonly string[];
}

/** With the texts of secrets, which are not members of them. */
function comparable(value: unknown): unknown {
  if (isSecret(value)) return { secret: reveal(value) };
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, comparable(inner)]));
}

const areSame = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(comparable(one), comparable(other));

/** The servers in a connection string. */
const hostsIn = (url: string): string | undefined => /^[^:]+:\/\/(?:[^?]*@)?([^/?]*)/.exec(url)?.[1];

type Url = Config['mongodbUrl'];

/** Whether calls can go on with the other connection string: their default database stays. */
function canReconnect(before: Url, after: Url): boolean {
  return (
    before !== undefined && after !== undefined && databaseIn(reveal(before)) === databaseIn(reveal(after))
  );
}

/** What this server keeps for itself on MongoDB stays where it is while it runs: on the same servers. */
function isMoved(config: Config, after: Url): boolean {
  if (config.mongodbUrl === undefined || after === undefined) return true;
  return isOnMongodb(storesOf(config)) && hostsIn(reveal(config.mongodbUrl)) !== hostsIn(reveal(after));
}

/** The connections in use with the strings that can be taken over; another change of one waits, and its string with it. */
function changedConnections({ connections: before }: Config, { connections: after }: Config) {
  const now: string[] = [];
  const later: string[] = [];
  const wanted = { ...before };
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, next] = [before[name], after[name]];
    if (areSame(old, next)) continue;
    const isUrlAlone = old !== undefined && next !== undefined && areSame({ ...next, url: old.url }, old);
    if (isUrlAlone && (old.database !== undefined || canReconnect(old.url, next.url))) {
      wanted[name] = next;
      now.push(`connections.${name}`);
    } else later.push(`connections.${name}`);
  }
  return { wanted, now, later };
}

/** What of the settings that were read again can take effect while the server runs, and what cannot. */
export function changesOf(config: Config, read: Config): Changes {
  const { mongodbUrl } = read;
  const names = [...new Set([...Object.keys(config), ...Object.keys(read)])] as SettingName[];
  const changed = names.filter((name) => name !== 'connections' && !areSame(config[name], read[name]));
  const reconnects = canReconnect(config.mongodbUrl, mongodbUrl) && !isMoved(config, mongodbUrl);
  const isAtOnce = (name: SettingName): boolean =>
    atOnce.some((one) => one === name) || (name === 'mongodbUrl' && reconnects);
  const connections = changedConnections(config, read);
  return {
    wanted: {
      ...config,
      ...Object.fromEntries(atOnce.map((name) => [name, read[name]])),
      connections: connections.wanted,
      ...(reconnects && { mongodbUrl }),
    },
    now: [...changed.filter(isAtOnce), ...connections.now],
    later: [...changed.filter((name) => !isAtOnce(name)), ...connections.later],
  };
}
