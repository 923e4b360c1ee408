import { z } from 'zod';
import { logLevels } from './observability/log.ts';
import { withoutQueries } from './observability/redact.ts';

/** What the documentation and the loaders know of a setting besides its type. */
interface SettingMeta {
  readonly description: string;
  /** The heading under which it is shown. */
  readonly group?: string;
  /** Never printed, logged or put into an error. */
  readonly secret?: true;
  /** Fields of the objects inside that are secret. */
  readonly secretFields?: readonly string[];
}

function setting<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  meta: { secret?: true; secretFields?: readonly string[] } = {},
): Schema {
  return schema.meta({ description, ...meta } satisfies SettingMeta) as Schema;
}

/** Settings that are shown under one heading, in the order in which they are given. */
function group<Shape extends Readonly<Record<string, z.ZodType>>>(name: string, shape: Shape): Shape {
  const entries = Object.entries(shape).map(([key, schema]) => [
    key,
    schema.meta({ ...schema.meta(), group: name }),
  ]);
  return Object.fromEntries(entries) as Shape;
}

const milliseconds = z.int().min(1);
const names = z.array(z.string().min(1));

const mongodbUrl = z.string().regex(/^mongodb(\+srv)?:\/\/./, 'must begin with mongodb:// or mongodb+srv://');

/** A MongoDB server by its name. `urlFile` is read when the settings are: here there is only `url`. */
const connection = z.strictObject({
  url: mongodbUrl.describe('Connection string, a secret: `urlFile` keeps it out of this file.'),
  database: z.string().min(1).max(63).optional().describe('The database of a call that names none.'),
  readPreference: z
    .enum(['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'])
    .optional()
    .describe('Which members of a replica set are read from.'),
  readOnly: z.boolean().default(false).describe('Refuse every change on this server.'),
  timeoutMs: milliseconds
    .optional()
    .describe('How long a call waits for this server, ms. Default: `mongodbTimeoutMs`.'),
  maxPoolSize: z.int().min(1).max(1_000).optional().describe('Most connections to the server at a time.'),
});

/** A collection whose documents are in the library; paths of fields are dotted. */
const collectionSource = z.strictObject({
  name: z
    .string()
    .regex(/^[^/\s]{1,64}$/, 'must be up to 64 characters without "/" and spaces')
    .optional()
    .describe("First part of the documents' ids. Default: the collection's name."),
  connection: z.string().min(1).optional().describe('Instead of the default connection.'),
  database: z.string().min(1).max(63).optional().describe("Instead of the connection's default database."),
  collection: z.string().min(1).max(255),
  fields: z.array(z.string().min(1)).min(1).describe('Paths of the fields whose text is searched, dotted.'),
  title: z.string().min(1).optional().describe('Path of the field with the title of a document.'),
  updatedAt: z
    .string()
    .min(1)
    .optional()
    .describe('Path of a field with the time of the last change: makes looking for changes cheaper.'),
});

const connectionName = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"')
  .refine((name) => name !== 'embedded', 'must not be "embedded": that is the embedded store');

/**
 * Every setting: its name in `hydrogen.json`, group, type, default and documentation. The environment name is
 * derived (`dataDir` is `HYDROGEN_DATA_DIR`). README's tables, `hydrogen config` and the JSON Schema come from here.
 */
export const settings = z.strictObject({
  ...group('General', {
    dataDir: setting(
      z.string().min(1).optional(),
      "Where everything is kept: one SQLite file, keys, downloaded models. Default: the platform's usual data folder.",
    ),
    logLevel: setting(z.enum(logLevels).default('info'), 'Least severe log line that is written to stderr.'),
    readThreads: setting(z.int().min(1).max(32).default(2), 'Threads that read the embedded store.'),
  }),
  ...group('Calls', {
    disabledTools: setting(
      names.default([]),
      'Tools that are not offered, nor the resources that show them and the prompts that need them.',
    ),
    callTimeoutMs: setting(milliseconds.default(60_000), 'Time limit of one tool call, ms.'),
    maxAnswerBytes: setting(
      z.int().min(1_000).default(24_000),
      'Largest text of one answer, bytes (a token is about 4): what does not fit is left out and said so.',
    ),
    maxRows: setting(
      z.int().min(1).max(10_000).default(100),
      'Most rows of one answer, whatever `limit` asks for.',
    ),
  }),
  ...group('Library', {
    enableIngest: setting(
      z.boolean().default(false),
      'Offer the tools that change the library: `ingest`, `add_document`, `remove_document`, `remove_source`.',
    ),
    folders: setting(names.default([]), 'Folders (with what is below them) that the `ingest` tool may read.'),
    include: setting(
      names.default([]),
      'Patterns of the files that are read of folders, such as `*.pdf` (any depth) or `reports/**`. Empty: all.',
    ),
    exclude: setting(names.default([]), 'Patterns of files and folders that are left out.'),
    watch: setting(
      z.boolean().default(false),
      'While serving, read folders of the library again whenever a file in them changes.',
    ),
    collectionSources: setting(
      z.array(collectionSource).default([]),
      'Collections whose documents are searched like files, in `hydrogen.json`: `[{"collection": "reports", "fields": ["summary", "body"], "title": "name"}]`. Optional: `name`, `connection`, `database`, `updatedAt` (a field with the time of the last change). While serving they are followed; `hydrogen ingest` reads them once.',
    ),
    scanEveryMs: setting(
      milliseconds.default(300_000),
      'Time between two looks at a collection source whose server cannot tell its changes, ms.',
    ),
    maxFileBytes: setting(
      z.int().min(1).default(50_000_000),
      'Largest file that is read, bytes. Of text, 10 million characters a document are the most.',
    ),
    parseTimeoutMs: setting(milliseconds.default(30_000), 'Time limit for reading one file, ms.'),
    parseMemoryMb: setting(
      z.int().min(100).default(270),
      'Memory limit of the process that reads files, MB; a file that needs more is skipped.',
    ),
  }),
  ...group('Data', {
    enableWrites: setting(
      z.boolean().default(false),
      'Offer the tools that change collections: `insert`, `update`, `delete`, `create_index`, `drop_index`, `drop_collection`.',
    ),
    confirmWrites: setting(
      z.enum(['ask', 'never']).default('ask'),
      'Whether a person is asked before documents or indexes that are there are changed or removed. `never` waives it.',
    ),
    confirmTimeoutMs: setting(
      milliseconds.default(120_000),
      'How long a person has to confirm a change, ms; silence means no.',
    ),
    maxWriteDocuments: setting(
      z.int().min(1).max(100_000).default(1_000),
      'Most documents that one call may insert, change or remove; more is refused.',
    ),
    exportFolder: setting(
      z.string().min(1).optional(),
      'Folder into which the `export` tool may write files under names that a caller gives. Without it an export is a link, kept for a day.',
    ),
    maxExportBytes: setting(
      z.int().min(1_000).default(20_000_000),
      'Largest file that the `export` tool writes, bytes.',
    ),
    mongodbUrl: setting(
      mongodbUrl.optional(),
      'Connection string of a MongoDB server: the connection "mongodb". Without it there is the embedded store only.',
      { secret: true },
    ),
    connections: setting(
      z.record(connectionName, connection).default({}),
      'More MongoDB servers by name, in `hydrogen.json`: `{"sales": {"url": "mongodb://…"}}`. Instead of `url`, `urlFile` names a file with it. Optional: `database` (the default one), `readPreference`, `readOnly`, `timeoutMs`, `maxPoolSize`.',
      { secretFields: ['url'] },
    ),
    defaultConnection: setting(
      z.string().min(1).optional(),
      'The connection of a call that names none. Default: the first server that is configured, else `embedded`.',
    ),
    mongodbTimeoutMs: setting(
      milliseconds.default(3_000),
      'How long a call waits for a MongoDB server that does not answer, ms.',
    ),
  }),
  ...group('Embedding model', {
    embeddingModel: setting(
      z.string().min(1).default('hydrogen-embed-small-en'),
      'The packaged model, a folder with a model, a hub id such as `Xenova/bge-small-en-v1.5`, or `none`.',
    ),
    embeddingMirror: setting(
      z.url().optional(),
      'Where hub models are downloaded from, instead of huggingface.co. A user and password in it are sent, and never shown.',
    ),
    embeddingToken: setting(z.string().min(1).optional(), 'Access token of the model hub.', { secret: true }),
    embeddingTimeoutMs: setting(
      milliseconds.default(30_000),
      'Time limit of one download request of a hub model, ms.',
    ),
  }),
  ...group('Workflows', {
    workflowFolders: setting(
      names.default([]),
      'Folders with workflow definitions (YAML or JSON), besides the samples that come with the package.',
    ),
    sampleWorkflows: setting(z.boolean().default(true), 'Offer the sample workflows of the package.'),
  }),
  ...group('HTTP', {
    httpHost: setting(
      z.string().min(1).default('127.0.0.1'),
      'Address of the HTTP server: a loopback address.',
    ),
    httpPort: setting(
      z.int().min(0).max(65_535).default(3800),
      'Port of the HTTP server; 0 takes a free one.',
    ),
    httpRequestTimeoutMs: setting(
      z.int().min(100).default(15_000),
      'How long the header and the body of an HTTP request may take to come, in ms.',
    ),
    httpSessions: setting(z.int().min(1).default(64), 'Most sessions of 2025-era HTTP clients at a time.'),
    httpSessionIdleMs: setting(
      milliseconds.default(600_000),
      'A 2025-era HTTP session without requests ends after this time, ms.',
    ),
    drainMs: setting(
      z.int().min(0).max(3_600_000).default(10_000),
      'How long HTTP requests under way may go on once the server is told to stop, ms; new ones are refused. A second signal ends it at once.',
    ),
  }),
});

export type Config = z.output<typeof settings>;
export type SettingName = keyof Config;

export interface SettingInfo {
  readonly name: SettingName;
  readonly environment: string;
  readonly group: string;
  readonly description: string;
  readonly secret: boolean;
  /** Fields of the objects inside that are secret. */
  readonly secretFields: readonly string[];
  /** JSON of the default; undefined when there is none. */
  readonly default: string | undefined;
  readonly type: string;
}

/** `dataDir` -> `HYDROGEN_DATA_DIR`. */
export function environmentName(name: string): string {
  return `HYDROGEN_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

function typeName(schema: Record<string, unknown>): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].join(' \\| ');
  return schema['type'] === 'array' ? 'list' : String(schema['type']);
}

/** One entry a setting, in the order of the schema: for documentation and `hydrogen config`. */
export function describeSettings(): SettingInfo[] {
  const defaults: Record<string, unknown> = settings.parse({});
  return Object.entries(settings.shape).map(([name, schema]) => {
    const json: Record<string, unknown> = z.toJSONSchema(schema, { io: 'input' });
    const meta = schema.meta() as SettingMeta | undefined;
    const value = defaults[name];
    return {
      name: name as SettingName,
      environment: environmentName(name),
      group: meta?.group ?? '',
      description: meta?.description ?? '',
      secret: meta?.secret === true,
      secretFields: meta?.secretFields ?? [],
      default: value === undefined ? undefined : JSON.stringify(value),
      type: typeName(json),
    };
  });
}

/** A setting's value as it may be printed: of secrets only that they are set, URLs without credentials. */
export function printable({ secret, secretFields }: SettingInfo, value: unknown): unknown {
  if (secret) return value === undefined ? undefined : '(set)';
  if (value === undefined) return undefined;
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => {
      if (secretFields.includes(key)) return '(set)';
      return typeof inner === 'string' ? withoutQueries(inner) : inner;
    }),
  );
}
