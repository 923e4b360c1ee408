import { createHash } from 'node:crypto';
import type { Call } from '../../call.ts';
import { type Document, decode, encode } from '../../mql/formats.ts';
import type { Cache, CacheKey } from '../cache/cache.ts';
import type { CollectionDescription, CollectionEntry, DocumentStore, Namespace } from './document-store.ts';

/** What was found, and how long ago that was, ms. */
interface Described<T> {
  readonly found: T;
  readonly ageMs: number;
}

/** What collections look like. It may be of an earlier time, which it says. */
export interface Descriptions {
  collections(database: string, call: Call): Promise<Described<readonly CollectionEntry[]>>;
  describe(namespace: Namespace, call: Call): Promise<Described<CollectionDescription>>;
}

/** As it is at this moment. */
export function currentDescriptions(store: DocumentStore): Descriptions {
  return {
    collections: async (database, call) => ({ found: await store.collections(database, call), ageMs: 0 }),
    describe: async (namespace, call) => ({ found: await store.describe(namespace, call), ageMs: 0 }),
  };
}

/** Sizes change with every write, of which those of other programs are not told. */
const maxListMs = 60_000;

/** It is another one once the connection has another user or address. */
export interface ServerIdentity {
  readonly identity: string;
}

/**
 * What tells a server, as one user sees it, from all others: a digest of its connection string without the password, and
 * without the options that hold secrets, so that it does not help to guess them.
 */
export function serverIdentity(url: string): string {
  const seen = url
    .replace(/^([^:]+:\/\/[^:@/?]*):.*@/, '$1@')
    .replace(/[?&](?:authMechanismProperties|tlsCertificateKeyFilePassword)=[^&]*/gi, '');
  return createHash('sha256').update(seen).digest('base64url').slice(0, 16);
}

/** What depends on any collection of a database. */
export const databaseTag = (server: string, database: string): string => `database ${server} ${database}`;

/** What a change in a collection makes worthless. `dropped`: other collections may have referred to it. */
export function tagsOfChange(server: string, { database, collection }: Namespace, dropped = false): string[] {
  const changed = [`collection ${server} ${database} ${collection}`, databaseTag(server, database)];
  return dropped ? [...changed, `references ${server} ${database}`] : changed;
}

/** The values of documents go through BSON, which keeps their types; JSON has the rest, whose numbers are plain. */
function packed(description: CollectionDescription): Uint8Array {
  const { fields, indexes, ...rest } = description;
  const values = {
    keys: indexes.map(({ key }) => key),
    fields: fields.map(({ examples, range, values: counted }) => ({
      examples,
      ...(range && { range: [range.min, range.max] }),
      ...(counted && { values: counted.map(({ value }) => value) }),
    })),
  };
  const plain = {
    ...rest,
    indexes: indexes.map(({ key: _key, ...index }) => index),
    fields: fields.map(({ examples: _examples, range, values: counted, ...field }) => ({
      ...field,
      ...(range && { exact: range.exact }),
      ...(counted && { counts: counted.map(({ count }) => count) }),
    })),
  };
  const text = Buffer.from(JSON.stringify(plain));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(text.length);
  return Buffer.concat([head, text, encode(values as unknown as Document)]);
}

interface Plain extends Omit<CollectionDescription, 'fields' | 'indexes'> {
  readonly indexes: readonly Omit<CollectionDescription['indexes'][number], 'key'>[];
  readonly fields: readonly (Omit<
    CollectionDescription['fields'][number],
    'examples' | 'range' | 'values'
  > & {
    readonly exact?: boolean;
    readonly counts?: readonly number[];
  })[];
}

interface Values {
  readonly keys: readonly Document[];
  readonly fields: readonly {
    readonly examples: readonly unknown[];
    readonly range?: readonly [unknown, unknown];
    readonly values?: readonly unknown[];
  }[];
}

function unpacked(bytes: Uint8Array): CollectionDescription {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 4 + whole.readUInt32LE(0);
  const { indexes, fields, ...rest } = JSON.parse(whole.toString('utf8', 4, end)) as Plain;
  const values = decode(whole.subarray(end)) as unknown as Values;
  return {
    ...rest,
    indexes: indexes.map((index, i) => ({ ...index, key: values.keys[i] ?? {} })),
    fields: fields.map(({ exact, counts, ...field }, i) => {
      const { examples = [], range, values: counted } = values.fields[i] ?? {};
      return {
        ...field,
        examples,
        ...(range && { range: { min: range[0], max: range[1], exact: exact === true } }),
        ...(counted && { values: counted.map((value, j) => ({ value, count: counts?.[j] ?? 0 })) }),
      };
    }),
  };
}

interface RememberedOptions {
  readonly cache: Cache;
  /** See `serverIdentity`. */
  readonly server: ServerIdentity;
  /** How long a description is used where no change of the collection is known, ms. */
  readonly ttlMs: number;
}

/**
 * Descriptions of a server's collections that are remembered until a change is known, or their time is over. Changes by
 * programs that do not tell are not known: whoever shows a description says how old it is.
 */
export function rememberedDescriptions(
  store: DocumentStore,
  { cache, server, ttlMs }: RememberedOptions,
): Descriptions {
  const keyOf = (
    kind: string,
    { id, scopes }: Call['caller'],
    names: readonly string[],
    tags: readonly string[],
  ): CacheKey => ({ kind, parts: [server.identity, id, [...scopes].sort().join(), ...names], tags });
  return {
    async collections(database, call) {
      const key = keyOf('collections', call.caller, [database], [databaseTag(server.identity, database)]);
      const options = { ttlMs: Math.min(ttlMs, maxListMs) };
      const { value, ageMs } = await cache.remember(
        key,
        options,
        async (inner) => Buffer.from(JSON.stringify(await store.collections(database, inner))),
        call,
      );
      return { found: JSON.parse(new TextDecoder().decode(value)) as CollectionEntry[], ageMs };
    },
    async describe(namespace, call) {
      const { database, collection } = namespace;
      const { identity } = server;
      const tags = [`collection ${identity} ${database} ${collection}`, `references ${identity} ${database}`];
      const key = keyOf('description', call.caller, [database, collection], tags);
      const { value, ageMs } = await cache.remember(
        key,
        { ttlMs },
        async (inner) => packed(await store.describe(namespace, inner)),
        call,
      );
      return { found: unpacked(value), ageMs };
    },
  };
}
