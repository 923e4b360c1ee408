import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** From the ground up. What is on one line may import from its own line and from those above it. */
const layers: readonly (readonly string[])[] = [
  [
    'errors.ts',
    'similar-names.ts',
    'tidy.ts',
    'file-errors.ts',
    'busy-files.ts',
    'json-limits.ts',
    'call.ts',
    'call-end.ts',
    'loaded-once.ts',
    'calls.ts',
    'ending.ts',
    'process-identity.ts',
    'workers',
    'allocator.ts',
    'garbage.ts',
    'confined-preload.ts',
    'version.ts',
    'samples.ts',
    'tables',
    'mql',
    'exact-yaml.ts',
    'config.ts',
    'config',
    'observability',
  ],
  ['policy'],
  ['stores', 'embeddings'],
  ['library', 'workflows', 'move', 'backup'],
  ['dispatch.ts'],
  ['audit', 'erasure'],
  ['telemetry'],
  ['tools', 'resources', 'prompts', 'probes.ts', 'metrics', 'tracing'],
  ['app.ts', 'reread.ts', 'open-stores.ts', 'open-move.ts', 'open-backup.ts', 'check-upgrade.ts'],
  ['server.ts', 'protocol'],
  ['transports'],
  ['cli', 'cli.ts'],
];

const files = (await readdir(src, { recursive: true })).filter((name) => name.endsWith('.ts'));
const room = (file: string): string => file.split(/[\\/]/)[0] ?? '';
const layerOf = (file: string): number => layers.findIndex((rooms) => rooms.includes(room(file)));

function importsOf(file: string, text: string): string[] {
  const specifiers = text.matchAll(/(?:from|import|new URL)\s*\(?\s*'(\.{1,2}\/[^']+\.ts)'/g);
  return [...specifiers].map(([, specifier = '']) => relative(src, resolve(src, dirname(file), specifier)));
}

const texts = await Promise.all(files.map((file) => readFile(join(src, file), 'utf8')));
const sources = files.map((file, i) => ({ file, text: texts[i] ?? '' }));

test('every file of src belongs to a layer', () => {
  expect(files.filter((file) => layerOf(file) < 0 && !file.endsWith('.d.ts'))).toEqual([]);
});

test('imports go down the layers only', () => {
  const upward = sources.flatMap(({ file, text }) =>
    importsOf(file, text)
      .filter((target) => layerOf(target) > layerOf(file))
      .map((target) => `${file} -> ${target}`),
  );
  expect(upward).toEqual([]);
});

/**
 * Implementations that are servers: the folders with a `lazy.ts`, which loads the server's client at the first call that
 * needs it, and is all that `app.ts` imports of them.
 */
const servers = files
  .map((file) => /^stores[\\/](.+)[\\/]lazy\.ts$/.exec(file)?.[1]?.replaceAll('\\', '/'))
  .filter((folder) => folder !== undefined);

test('the folder of a server is known by how it is loaded', () => {
  expect(servers).toContain('documents/mongodb');
});

/**
 * The inside of `stores`, from the ground up: rooms by the paths that are theirs. A file may import from its own
 * room and from the lines above, not from another room of its line.
 */
const storeLayers: readonly Readonly<Record<string, readonly string[]>>[] = [
  // What a store is, and what has nothing to do with which one it is.
  {
    ports: [
      'data-directory.ts',
      'backend.ts',
      'lazy-backend.ts',
      'mailbox.ts',
      'keep-private.ts',
      'risky-place.ts',
      'store-status.ts',
      'documents',
      'index',
      'journal',
      'confirmations',
      'audit',
      'api-keys',
      'cache',
      'events',
      'queue',
      'limits',
    ],
  },
  { engine: ['embedded/engine'], redis: ['redis'], 'MongoDB client': ['mongodb'] },
  {
    'embedded documents': ['embedded/documents'],
    'embedded index': ['embedded/index'],
    'embedded journal': ['embedded/journal'],
    'embedded confirmations': ['embedded/confirmations'],
    'embedded audit': ['embedded/audit'],
    'embedded API keys': ['embedded/api-keys'],
    migrations: ['embedded/migrations'],
    ...Object.fromEntries(servers.map((folder) => [folder, [folder]])),
  },
  { registry: ['embedded'], connections: ['documents/open-connections.ts'] },
];

const storeRooms = storeLayers.flatMap((rooms, layer) =>
  Object.entries(rooms).flatMap(([name, paths]) => paths.map((path) => ({ name, layer, path }))),
);

/** The room with the longest path that the file is below. */
function storeRoomOf(file: string) {
  const path = file.replaceAll('\\', '/').replace(/^stores\//, '');
  return storeRooms
    .filter((one) => path === one.path || path.startsWith(`${one.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

const storeSources = sources.filter(({ file }) => room(file) === 'stores');

test('every file of the stores belongs to a room, and every room has files', () => {
  expect(storeSources.filter(({ file }) => !storeRoomOf(file)).map(({ file }) => file)).toEqual([]);
  const lived = new Set(storeSources.map(({ file }) => storeRoomOf(file)?.name));
  expect(storeRooms.filter(({ name }) => !lived.has(name))).toEqual([]);
});

test('inside the stores the engine knows no area, an area no other, and a port no implementation', () => {
  const forbidden = storeSources.flatMap(({ file, text }) => {
    const own = storeRoomOf(file);
    return importsOf(file, text)
      .filter((target) => room(target) === 'stores')
      .filter((target) => {
        const other = storeRoomOf(target);
        return !own || !other || (other.name !== own.name && other.layer >= own.layer);
      })
      .map((target) => `${file} -> ${target}`);
  });
  expect(forbidden).toEqual([]);
});

/** What a room of the library may know of the others. What belongs to none of them lies beside them. */
const libraryRooms: Readonly<Record<string, readonly string[]>> = {
  reading: [],
  searching: ['reading'],
  sync: ['reading'],
};

const libraryRoomOf = (file: string): string | undefined =>
  Object.keys(libraryRooms).find((name) => file.replaceAll('\\', '/').startsWith(`library/${name}/`));

test('inside the library, reading knows neither searching nor sync, and these do not know each other', () => {
  const lived = new Set(files.map(libraryRoomOf));
  expect(Object.keys(libraryRooms).filter((name) => !lived.has(name))).toEqual([]);
  const forbidden = sources.flatMap(({ file, text }) => {
    const own = libraryRoomOf(file);
    if (own === undefined) return [];
    return importsOf(file, text)
      .filter((target) => ![undefined, own, ...(libraryRooms[own] ?? [])].includes(libraryRoomOf(target)))
      .map((target) => `${file} -> ${target}`);
  });
  expect(forbidden).toEqual([]);
});

/** What a port may be implemented by: an engine's room, or the file of a small one. */
const implementations = [
  'stores/embedded',
  'stores/mongodb',
  ...servers.map((folder) => `stores/${folder}`),
  'stores/documents/export/exports-folder.ts',
  'stores/data-directory.ts',
  'stores/cache/memory.ts',
  'stores/limits/memory.ts',
  'stores/events/in-process.ts',
];

function isImplementation(file: string): boolean {
  const path = file.replaceAll('\\', '/');
  return implementations.some((one) => path === one || path.startsWith(`${one}/`));
}

test('the composition root alone names implementations; all others are given ports, types included', () => {
  const users = sources
    .filter(({ file }) => !isImplementation(file))
    .filter(({ file, text }) => importsOf(file, text).some(isImplementation))
    .map(({ file }) => file);
  expect(users).toEqual(['app.ts', 'check-upgrade.ts', 'open-backup.ts', 'open-move.ts', 'open-stores.ts']);
});

test('the engine of the embedded store knows nothing of what is stored, the query language included', () => {
  const known = storeSources
    .filter(({ file }) => storeRoomOf(file)?.name === 'engine')
    .flatMap(({ file, text }) => importsOf(file, text))
    .filter((target) => room(target) === 'mql');
  expect(known).toEqual([]);
});

test('the query language knows nothing but values and errors', () => {
  const outside = sources
    .filter(({ file }) => room(file) === 'mql')
    .flatMap(({ file, text }) => importsOf(file, text))
    .filter((target) => !['mql', 'errors.ts', 'similar-names.ts'].includes(room(target)));
  expect(outside).toEqual([]);
});

test('only what speaks the protocol knows its SDK', () => {
  const users = sources
    .filter(({ text }) => text.includes("'@modelcontextprotocol/"))
    .map(({ file }) => file);
  expect(users.filter((file) => !['server.ts', 'protocol', 'transports'].includes(room(file)))).toEqual([]);
});

test('a call is begun by `systemCall` or by the protocol, nowhere else', () => {
  // What begins a call writes down all that it holds; what changes one spreads it.
  const isWhole = (object: string): boolean =>
    ['caller', 'deadline', 'log'].every((name) => new RegExp(`\\b${name}\\b`).test(object)) &&
    !object.includes('...');
  const makers = sources.filter(({ text }) =>
    [...text.matchAll(/\{(?:[^{}]|\{\})*\}/g)].some(([one]) => isWhole(one)),
  );
  expect(makers.map(({ file }) => file).sort()).toEqual(['call.ts', join('protocol', 'call.ts')]);
});

test('permission is asked and calls are run in the dispatch only', () => {
  const askers = sources.filter(({ text }) => /\bassertOffered\(|\bcalls\.run\(/.test(text));
  expect(askers.map(({ file }) => file).sort()).toEqual(['dispatch.ts', join('policy', 'permissions.ts')]);
});

test('nothing but the command line writes to stdout', () => {
  const writers = sources
    .filter(({ file }) => room(file) !== 'cli')
    .filter(({ text }) => /console\.(log|info|debug)|process\.stdout\.write/.test(text));
  expect(writers.map(({ file }) => file)).toEqual([]);
});

test('threads and processes have names of their own: the bundle lays them side by side', () => {
  const names = files
    .filter((file) => /-(thread|process|preload)\.ts$/.test(file))
    .map((file) => file.split(/[\\/]/).at(-1));
  expect(new Set(names).size).toBe(names.length);
});

test('metrics and traces do not know each other: what both need is telemetry', () => {
  const across = sources.flatMap(({ file, text }) =>
    importsOf(file, text)
      .filter((target) => [room(file), room(target)].sort().join() === 'metrics,tracing')
      .map((target) => `${file} -> ${target}`),
  );
  expect(across).toEqual([]);
});
