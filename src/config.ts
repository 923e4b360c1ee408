import { z } from 'zod';
import { areAuditKeys } from './config/audit-keys.ts';
import { languageCodes } from './config/language-codes.ts';
import { limits, positive } from './config/limits.ts';
import { oauthIssuer } from './config/oauth-issuers.ts';
import {
  collectionSource,
  connection,
  connectionName,
  mongodbUrl,
  qdrantCollection,
} from './config/origins.ts';
import { role, roleName } from './config/roles.ts';
import { areNatsUrls, encodingHint, hasNoUser, isServerUrl } from './config/server-urls.ts';
import { logLevels } from './observability/log.ts';
import { withoutQueries } from './observability/redact.ts';
import { secretOf, shownForSecret } from './observability/secret.ts';

/** What the documentation and the loaders know about a setting besides its type. */
interface SettingMeta {
  readonly description: string;
  /** The heading under which it is shown. */
  readonly group?: string;
  /** Never printed, logged or quoted in an error; its value is a `Secret`. */
  readonly secret?: true;
}

function setting<Schema extends z.ZodType>(schema: Schema, description: string): Schema {
  return schema.meta({ description } satisfies SettingMeta) as Schema;
}

/** A setting whose value nobody may see. Where it is not set, there is none. */
function secretSetting(schema: z.ZodString, description: string) {
  return schema
    .transform(secretOf)
    .optional()
    .meta({ description, secret: true } satisfies SettingMeta);
}

/** Settings shown under one heading, in the order of `shape`. */
function group<Shape extends Readonly<Record<string, z.ZodType>>>(name: string, shape: Shape): Shape {
  const entries = Object.entries(shape).map(([key, schema]) => [
    key,
    schema.meta({ ...schema.meta(), group: name }),
  ]);
  return Object.fromEntries(entries) as Shape;
}

const milliseconds = z.int().min(1);
/** Shorter, and a caller could not read what it has asked for. */
const keptMs = z.int().min(60_000);
const names = z.array(z.string().min(1));

/**
 * Every setting: its name in `hydrogen.json`, group, type, default and documentation. The environment variable is
 * derived (`dataDir`: `HYDROGEN_DATA_DIR`). The README tables, `hydrogen config` and the JSON Schema come from here.
 */
export const settings = z.strictObject({
  ...group('General', {
    dataDir: setting(
      z.string().min(1).optional(),
      "Where everything is stored: one SQLite file, keys, downloaded models. Default: the platform's data folder; on Windows `.hydrogen-mcp` in the user's folder.",
    ),
    logLevel: setting(z.enum(logLevels).default('info'), 'Lowest severity that is logged to stderr.'),
    readThreads: setting(z.int().min(1).max(32).default(2), 'Threads that read the embedded store.'),
  }),
  ...group('Calls', {
    disabledTools: setting(
      names.default([]),
      'Tools that are not offered, along with the resources and prompts that need them.',
    ),
    toolPrefix: setting(
      z
        .string()
        .regex(/^([a-zA-Z][\w-]{0,30})?$/, 'must be up to 31 letters, digits, "_" or "-", a letter first')
        .default(''),
      'Put before the name of each tool, such as `sales_`: for two servers in one agent. Settings, workflows and the log have the plain names.',
    ),
    callTimeoutMs: setting(
      milliseconds.default(50_000),
      'Time limit of one tool call, ms. Most clients give up after 60 s, without an answer.',
    ),
    maxAnswerBytes: setting(
      z.int().min(1_000).default(24_000),
      'Maximum text of one answer, bytes (a token is about 4); the answer says what was left out.',
    ),
    maxRows: setting(
      z.int().min(1).max(10_000).default(100),
      'Maximum rows of one answer to a client, whatever `limit` says.',
    ),
  }),
  ...group('Access', {
    roles: setting(
      z.record(roleName, role).default({}),
      'What callers with a role may do and see, in `hydrogen.json`: `{"analyst": {"operations": ["read"], "collections": ["sales/shop/*"], "rows": [{"collection": "sales/shop/orders", "filter": {"tenant": "$caller.tenant"}}], "hidden": [{"collection": "sales/shop/customers", "fields": ["email"]}]}}`. [All that a role can say](docs/roles.md).',
    ),
    localRole: setting(
      roleName.optional(),
      'The role of whoever starts the server and speaks to it over stdio, or over HTTP without authentication. Without one, nothing narrows them.',
    ),
  }),
  ...group('Library', {
    enableIngest: setting(
      z.boolean().default(false),
      'Offer the tools that change the library: `ingest`, `add_document`, `remove_document`, `remove_source`.',
    ),
    folders: setting(names.default([]), 'Folders (and their subfolders) that the `ingest` tool may read.'),
    include: setting(
      names.default([]),
      'Patterns of files to read in folders, such as `*.pdf` (any depth) or `reports/**`. Empty: all.',
    ),
    exclude: setting(names.default([]), 'Patterns of files and folders to skip.'),
    languages: setting(
      z.array(z.enum(languageCodes)).default([]),
      'The only languages of the documents, such as `["de", "en"]`: words are stemmed as in these, and with one language no passage is taken for another. Empty: each passage tells its own. One of ' +
        `${languageCodes.join(', ')}; words of all others are found as they are written.`,
    ),
    watch: setting(
      z.boolean().default(false),
      'While serving, re-read library folders whenever a file in them changes.',
    ),
    watchEveryMs: setting(
      z.int().min(1_000).max(3_600_000).optional(),
      'With `watch`: look at the folders so often instead of being told of changes, for network shares, of whose changes by other computers no system tells, ms.',
    ),
    collectionSources: setting(
      z.array(collectionSource).default([]),
      'Collections whose documents are searched like files, in `hydrogen.json`: `[{"collection": "reports", "fields": ["summary", "body"], "title": "name"}]`. Optional: `name`, `connection`, `database`, `updatedAt` (a field with the time of the last change). While serving they are followed; `hydrogen ingest` reads them once.',
    ),
    qdrantCollections: setting(
      z.array(qdrantCollection).max(16).default([]),
      'Qdrant collections that others fill, searched with the library and never changed, in `hydrogen.json`: `[{"name": "memories", "collection": "notes", "vector": "fast-all-minilm-l6-v2", "model": "Xenova/all-MiniLM-L6-v2"}]`. [Which mapping fits what](docs/servers.md#searching-collections-that-others-fill). Optional: `url` or `urlFile`, `apiKeyFile`, `text`, `title`, `document`, `metadata`, `queryPrefix`.',
    ),
    scanEveryMs: setting(
      milliseconds.default(300_000),
      'Time between scans of a collection source whose server cannot report changes, ms.',
    ),
    maxFileBytes: setting(
      z.int().min(1).default(50_000_000),
      'Maximum size of a file, bytes. Text is limited to 10 million characters per document.',
    ),
    maxNumericRows: setting(
      z.int().min(0).default(1_000),
      'Rows of a table of numbers that are searched one by one; of a longer one the first and last rows and what its columns hold: ranges, counts, the few words. `0`: all rows of all tables. After a change documents are read again.',
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
      'Whether a person must confirm changing or removing existing documents or indexes. `never` waives it.',
    ),
    confirmBy: setting(
      z.enum(['elicitation', 'either', 'token']).default('elicitation'),
      'Who confirms: `elicitation` is a person, asked through the client. Where the client cannot ask, `either` takes a second call with a token instead; `token` takes it from all clients. With both a model can confirm its own change.',
    ),
    confirmTimeoutMs: setting(
      milliseconds.default(120_000),
      'How long a person has to confirm a change, ms; silence means no.',
    ),
    maxWriteDocuments: setting(
      z.int().min(1).max(100_000).default(1_000),
      'Maximum documents one call may insert, change or remove; more is refused.',
    ),
    exportFolder: setting(
      z.string().min(1).optional(),
      'Folder where the `export` tool may write files under names chosen by the caller. Without it an export is a link, valid as long as `keepExportsMs`.',
    ),
    maxExportBytes: setting(
      z.int().min(1_000).default(20_000_000),
      'Maximum size of an exported file, bytes.',
    ),
    mongodbUrl: secretSetting(
      mongodbUrl,
      'Connection string of a MongoDB server: the connection "mongodb". Without it there is only the embedded store.',
    ),
    connections: setting(
      z.record(connectionName, connection).default({}),
      'More MongoDB servers by name, in `hydrogen.json`: `{"sales": {"url": "mongodb://…"}}`. Instead of `url`, `urlFile` names a file with it. Optional: `database` (the default), `readPreference`, `readOnly`, `timeoutMs`, `maxPoolSize`.',
    ),
    defaultConnection: setting(
      z.string().min(1).optional(),
      'The connection of calls that name none. Default: the first configured server, else `embedded`.',
    ),
    mongodbTimeoutMs: setting(
      milliseconds.default(3_000),
      'How long a call waits for an unresponsive MongoDB server, ms.',
    ),
  }),
  ...group('Embedding model', {
    embeddingModel: setting(
      z.string().min(1).default('hydrogen-embed-small-en'),
      'The packaged model, a folder with a model, a hub id such as `Xenova/bge-small-en-v1.5`, or `none`.',
    ),
    embeddingMirror: setting(
      z.url().optional(),
      'Where hub models are downloaded from, instead of huggingface.co. A user and password in it are sent, but never shown.',
    ),
    embeddingToken: secretSetting(z.string().min(1), 'Access token of the model hub.'),
    embeddingTimeoutMs: setting(
      milliseconds.default(30_000),
      'Time limit of one download request of a hub model, ms.',
    ),
  }),
  ...group('Workflows', {
    workflowFolders: setting(
      names.default([]),
      'Folders with workflow definitions (YAML or JSON), besides the packaged samples.',
    ),
    sampleWorkflows: setting(z.boolean().default(true), 'Offer the sample workflows of the package.'),
  }),
  ...group('Servers', {
    catalogStore: setting(
      z.enum(['embedded', 'mongodb']).default('embedded'),
      "What holds the library's documents, their text and their sources. `mongodb`, the server of `mongodbUrl`, shares them with other nodes, whose passages must be in `qdrant`. Nodes that read files must have the same folders at the same paths.",
    ),
    indexStore: setting(
      z.enum(['embedded', 'qdrant']).optional(),
      'What holds the passages that are searched. Default: `qdrant` where `qdrantUrl` is set, else `embedded`.',
    ),
    journalStore: setting(
      z.enum(['embedded', 'mongodb']).default('embedded'),
      'What holds runs, signing keys, API keys, confirmations that were used, exports, and audit records. `mongodb`, the server of `mongodbUrl`, shares them with other nodes.',
    ),
    cacheStore: setting(
      z.enum(['memory', 'redis']).optional(),
      'Where what was computed lately is kept. Default: `redis` where `redisUrl` is set, else `memory`.',
    ),
    eventsStore: setting(
      z.enum(['memory', 'nats']).optional(),
      'How other nodes learn of changes. Default: `nats` where `natsUrl` is set, else `memory`: this process alone.',
    ),
    storeDatabase: setting(
      z
        .string()
        .regex(/^[\w-]{1,38}$/, 'must be 1 to 38 letters, digits, "_" or "-"')
        .default('hydrogen'),
      'The database on the server of `mongodbUrl` for what this server keeps there. No tool shows or changes it. Names on Redis and NATS begin with it, too.',
    ),
    qdrantUrl: setting(
      z
        .url({ protocol: /^https?$/ })
        .refine(hasNoUser, 'must be without user and password: use qdrantApiKey')
        .optional(),
      'Address of a Qdrant server, such as `https://qdrant.example.com:6333`.',
    ),
    qdrantApiKey: secretSetting(z.string().min(1), 'Key of the Qdrant server.'),
    qdrantCollection: setting(
      z
        .string()
        .regex(/^[\w-]{1,100}$/, 'must be 1 to 100 letters, digits, "_" or "-"')
        .default('hydrogen'),
      'The collection of passages on the Qdrant server; it is made where it is missing.',
    ),
    redisUrl: secretSetting(
      z
        .string()
        .regex(/^rediss?:\/\/./, { error: 'must begin with redis:// or rediss://', abort: true })
        .refine(isServerUrl, `must be a URL: ${encodingHint}`),
      'Connection string of a Redis (or Valkey) server; `rediss://` is encrypted.',
    ),
    natsUrl: secretSetting(
      z
        .string()
        .regex(/^(nats|tls):\/\/./, { error: 'must begin with nats:// or tls://', abort: true })
        .refine(areNatsUrls, `must be URLs that begin with nats:// or tls://: ${encodingHint}`),
      'Connection string of a NATS server with JetStream, user and password or token included; several are separated by commas.',
    ),
    natsCredentials: secretSetting(
      z.string().min(1),
      'Text of a credentials file (`.creds`) of the NATS server, instead of a user in its connection string.',
    ),
    queryCacheMs: setting(
      milliseconds.default(300_000),
      'How long the vector of a question is kept in the cache, ms.',
    ),
    schemaCacheMs: setting(
      z.int().min(0).default(86_400_000),
      'How long the description of a collection on a MongoDB server is kept in the cache, ms; 0 keeps none. Changes through this server end it at once; an answer says how old it is.',
    ),
    answerCacheMs: setting(
      z.int().min(0).default(0),
      'How long answers of `aggregate` on a MongoDB server, and of `search` on Qdrant, are kept in the cache, ms; 0 keeps none. Changes through this server end them; an answer says how old it is.',
    ),
    serverTimeoutMs: setting(
      milliseconds.default(3_000),
      'How long a request to one of these servers may take, ms. Writing many passages gets more.',
    ),
  }),
  ...group('Limits', {
    limits: setting(
      limits.default({}),
      'What a caller may use, by operation, in `hydrogen.json`: `{"read": {"callsPerMinute": 120, "callsAtOnce": 4, "rowsPerHour": 100000, "bytesPerHour": 20000000}}`; also `requestsPerMinute`, `refusedPerMinute`, `callsInAll`, `exportBytes`, and `roles` with limits for a role. [What each counts](docs/operations.md#limits). Absent: the usual limits for callers over the network, none for whoever is at this machine.',
    ),
    httpConnections: setting(
      positive.default(2_000),
      'Maximum connections of the HTTP server; more are closed at once.',
    ),
    httpStreams: setting(
      positive.default(512),
      'Maximum open streams on which HTTP clients listen for notices.',
    ),
    httpStreamsPerCaller: setting(
      positive.default(64),
      'Maximum of them for one caller, other than the owner of this machine.',
    ),
    httpStallMs: setting(
      z.int().min(100).default(60_000),
      'After this time without taking any of its answer an HTTP client is disconnected, ms.',
    ),
    maxEventLoopDelayMs: setting(
      z.int().min(0).default(1_000),
      'While the server is later than this on average, new HTTP requests get a 503, ms; 0 takes all. Health is answered always.',
    ),
    maxMemoryMb: setting(
      positive.optional(),
      'While the process has more memory than this, new HTTP requests get a 503, MB. Without it only a heap that is nearly full counts.',
    ),
  }),
  ...group('Observability', {
    metrics: setting(
      z.boolean().default(false),
      'Keep metrics for Prometheus at `/metrics`. [Which ones](docs/operations.md#metrics).',
    ),
    metricsPort: setting(
      z.int().min(0).max(65_535).optional(),
      'Port of a server for `/metrics` alone, which asks nobody who they are; 0 takes a free one. Without it they are at `httpPort`, for callers with the scope `read` and no roles.',
    ),
    metricsHost: setting(z.string().min(1).default('127.0.0.1'), 'Address of that server.'),
    otlpUrl: setting(
      z
        .url({ protocol: /^https?$/ })
        .refine(hasNoUser, 'must be without user and password: use OTEL_EXPORTER_OTLP_HEADERS')
        .optional(),
      'Address of an OpenTelemetry collector for traces and metrics, such as `http://127.0.0.1:4318`. Default: that of OTEL_EXPORTER_OTLP_ENDPOINT; without either there are none.',
    ),
    accessLog: setting(
      z.boolean().default(false),
      'Log a line for every HTTP request, not only for those that are refused.',
    ),
  }),
  ...group('HTTP', {
    httpHost: setting(
      z.string().min(1).default('127.0.0.1'),
      'Address at which the HTTP server listens. Beyond this machine (`0.0.0.0` is every address) it needs TLS or a trusted proxy, and callers that say who they are.',
    ),
    httpPort: setting(
      z.int().min(0).max(65_535).default(3800),
      'Port of the HTTP server; 0 takes a free one.',
    ),
    httpAuthentication: setting(
      z.enum(['auto', 'required']).default('auto'),
      'Whether every caller over HTTP needs an API key or a token. `auto`: where others could connect, `oauth` is set, or an API key was ever made.',
    ),
    publicUrl: setting(
      z
        .url({ protocol: /^https?$/ })
        .refine((url) => hasNoUser(url) && !/[?#]/.test(url), 'must be without user, query and fragment')
        .optional(),
      'What clients use, such as `https://mcp.example.com`: the MCP endpoint is `/mcp` under it.',
    ),
    httpAllowedHosts: setting(
      names.default([]),
      'Names by which clients reach this server, besides those of this machine and of `publicUrl`: `mcp.example.com`, with any port unless one is given; `*.example.com` for all names below.',
    ),
    httpAllowedOrigins: setting(
      names.default([]),
      'Origins of web pages whose scripts may connect, such as `https://app.example.com`.',
    ),
    httpTrustedProxies: setting(
      names.default([]),
      'Addresses of gateways, or ranges such as `10.0.0.0/8`, whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.',
    ),
    httpTlsCert: setting(
      z.string().min(1).optional(),
      'File with the certificate for HTTPS and those that it was signed with (PEM). Read again when it changes.',
    ),
    httpTlsKey: setting(z.string().min(1).optional(), 'File with the private key of that certificate (PEM).'),
    httpInsecure: setting(
      z.boolean().default(false),
      'Serve plain HTTP beyond this machine: whoever is on the way can read keys, tokens and data.',
    ),
    oauth: setting(
      z.array(oauthIssuer).max(16).default([]),
      'Authorization servers whose tokens are accepted, in `hydrogen.json`: `[{"issuer": "https://login.example.com", "audience": "https://mcp.example.com/mcp"}]`. [What else can be set](docs/access.md#oauth).',
    ),
    httpRequestTimeoutMs: setting(
      z.int().min(100).default(15_000),
      'How long the headers and body of an HTTP request may take to arrive, ms.',
    ),
    httpSessions: setting(
      z.int().min(1).default(256),
      'Maximum sessions of 2025-era HTTP clients in memory; one more puts away the one idle longest of whoever has most.',
    ),
    httpSessionIdleMs: setting(
      milliseconds.default(14_400_000),
      'After this time without a request or an open stream a 2025-era HTTP session is put away, ms. It is continued when its client comes back.',
    ),
    httpSessionMaxAgeMs: setting(
      milliseconds.default(604_800_000),
      'How long after its beginning a session that was put away, also by a restart, may be continued, ms.',
    ),
    drainDelayMs: setting(
      z.int().min(0).max(600_000).default(0),
      'How long new HTTP requests are still taken once the server is told to stop, while `/health/readiness` says that it is going, ms: for a balancer to notice.',
    ),
    drainMs: setting(
      z.int().min(0).max(3_600_000).default(10_000),
      'How long HTTP requests in progress may continue once the server is told to stop, ms; new ones are refused. A second signal ends it at once.',
    ),
  }),
  ...group('Audit', {
    audit: setting(
      z.enum(['off', 'changes', 'all']).optional(),
      'What is recorded, in a chain that shows whether it was altered ([docs/audit.md](docs/audit.md)): `changes` is all that is not a plain read, and what was refused; `all` is reads, too. Default: `changes` where `auditKey` is set, else `off`.',
    ),
    auditKey: secretSetting(
      z
        .string()
        .refine(areAuditKeys, 'must be keys as `hydrogen audit key` prints them, the one in use first'),
      'Keys of the audit record, the one in use first, then those before it, separated by spaces or lines. They must not be in the data directory.',
    ),
    auditArguments: setting(
      z.enum(['digest', 'text']).default('digest'),
      'What is recorded of the arguments of a call: a digest that only the key can make, or also their text, without secrets and up to 4,000 characters, which can be erased (`hydrogen erase audit-text`).',
    ),
    auditHeadMs: setting(
      milliseconds.default(60_000),
      'How often the log says, signed, how far the audit record is, ms: a record that was cut behind that is found by it.',
    ),
  }),
  ...group('Retention', {
    keepRunsMs: setting(
      keptMs.optional(),
      'How long a run is kept after it has ended, with its steps, input, output, results, error and idempotency key, ms (30 days are 2592000000). Without it, as long as the store.',
    ),
    keepAuditTextMs: setting(
      keptMs.optional(),
      'How long the text of arguments beside an audit record is kept, ms. Without it, as long as the record, which stays in any case.',
    ),
    keepExportsMs: setting(
      keptMs.default(86_400_000),
      'How long a file behind a link of `export` is kept, and its link is good, ms.',
    ),
  }),
});

export type Config = z.output<typeof settings>;
/** As they are written, before secrets are hidden and defaults filled in. */
export type GivenSettings = z.input<typeof settings>;
export type SettingName = keyof Config;

export interface SettingInfo {
  readonly name: SettingName;
  readonly environment: string;
  readonly group: string;
  readonly description: string;
  readonly secret: boolean;
  /** JSON of the default; undefined if there is none. */
  readonly default: string | undefined;
  readonly type: string;
}

/** `dataDir` -> `HYDROGEN_DATA_DIR`. */
export function environmentName(name: string): string {
  return `HYDROGEN_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Making a JSON Schema takes its time: nobody but the documentation needs those of all settings. */
const jsonSchemaOf = (name: SettingName): Record<string, unknown> =>
  z.toJSONSchema(settings.shape[name], { io: 'input' });

/** The type of a setting's value in JSON, with `number` for whole numbers, too, and `list`. */
export function jsonTypeOf(name: SettingName): string {
  const { type, enum: values } = jsonSchemaOf(name);
  if (Array.isArray(values)) return 'string';
  if (type === 'integer') return 'number';
  return type === 'array' ? 'list' : String(type);
}

const settingNames = Object.keys(settings.shape) as SettingName[];

const metaOf = (name: SettingName): SettingMeta | undefined =>
  settings.shape[name].meta() as SettingMeta | undefined;

/** The settings that hold a `Secret`. */
export const secretSettings: readonly SettingName[] = settingNames.filter(
  (name) => metaOf(name)?.secret === true,
);

function typeName(schema: Record<string, unknown>): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].join(' \\| ');
  return schema['type'] === 'array' ? 'list' : String(schema['type']);
}

/** One entry per setting, in schema order, for the documentation and `hydrogen config`. */
export function describeSettings(): SettingInfo[] {
  const defaults: Record<string, unknown> = settings.parse({});
  return settingNames.map((name) => {
    const meta = metaOf(name);
    const value = defaults[name];
    return {
      name,
      environment: environmentName(name),
      group: meta?.group ?? '',
      description: meta?.description ?? '',
      secret: meta?.secret === true,
      default: value === undefined ? undefined : JSON.stringify(value),
      type: typeName(jsonSchemaOf(name)),
    };
  });
}

/** A setting's value as it may be printed: secrets only as "(set)", URLs without credentials. */
export function printable({ secret }: SettingInfo, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (secret) return shownForSecret;
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'string' ? withoutQueries(inner) : inner,
    ),
  );
}
