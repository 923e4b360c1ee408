import { z } from 'zod';
import { logLevels } from './observability/log.ts';

/** What the documentation and the loaders know of a setting besides its type. */
interface SettingMeta {
  readonly description: string;
  /** Never printed, logged or put into an error. */
  readonly secret?: true;
}

function setting<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  meta: { secret?: true } = {},
): Schema {
  return schema.meta({ description, ...meta } satisfies SettingMeta) as Schema;
}

const milliseconds = z.int().min(1);
const names = z.array(z.string().min(1));

/**
 * Every setting: its name in `hydrogen.json`, type, default and documentation. The environment name is
 * derived (`dataDir` is `HYDROGEN_DATA_DIR`). README's table and `hydrogen config` come from here.
 */
export const settings = z.strictObject({
  dataDir: setting(
    z.string().min(1).optional(),
    "Where everything is kept: one SQLite file, keys, downloaded models. Default: the platform's usual data folder.",
  ),
  logLevel: setting(z.enum(logLevels).default('info'), 'Least severe log line that is written to stderr.'),
  enableIngest: setting(
    z.boolean().default(false),
    'Offer the tools that change the library: `ingest`, `add_document`, `remove_document`.',
  ),
  folders: setting(names.default([]), 'Folders (with what is below them) that the `ingest` tool may read.'),
  disabledTools: setting(names.default([]), 'Tools that are not offered.'),
  workflowFolders: setting(
    names.default([]),
    'Folders with workflow definitions (YAML or JSON), besides the samples that come with the package.',
  ),
  sampleWorkflows: setting(z.boolean().default(true), 'Offer the sample workflows of the package.'),
  embeddingModel: setting(
    z.string().min(1).default('hydrogen-embed-small-en'),
    'The packaged model, a folder with a model, a hub id such as `Xenova/bge-small-en-v1.5`, or `none`.',
  ),
  embeddingMirror: setting(
    z.url().optional(),
    'Where hub models are downloaded from, instead of huggingface.co.',
  ),
  embeddingTimeoutMs: setting(
    milliseconds.default(30_000),
    'Time limit of one download request of a hub model, ms.',
  ),
  embeddingToken: setting(z.string().min(1).optional(), 'Access token of the model hub.', { secret: true }),
  callTimeoutMs: setting(milliseconds.default(60_000), 'Time limit of one tool call, ms.'),
  maxAnswerBytes: setting(
    z.int().min(1_000).default(24_000),
    'Largest text of one answer, bytes (a token is about 4): what does not fit is left out and said so.',
  ),
  maxRows: setting(
    z.int().min(1).max(10_000).default(100),
    'Most rows of one answer, whatever `limit` asks for.',
  ),
  readThreads: setting(z.int().min(1).max(32).default(2), 'Threads that read the embedded store.'),
  httpHost: setting(
    z.string().min(1).default('127.0.0.1'),
    'Address of the HTTP server: a loopback address.',
  ),
  httpPort: setting(z.int().min(0).max(65_535).default(3800), 'Port of the HTTP server; 0 takes a free one.'),
  httpSessions: setting(z.int().min(1).default(64), 'Most sessions of 2025-era HTTP clients at a time.'),
  httpSessionIdleMs: setting(
    milliseconds.default(600_000),
    'A 2025-era HTTP session without requests ends after this time, ms.',
  ),
});

export type Config = z.output<typeof settings>;
export type SettingName = keyof Config;

export interface SettingInfo {
  readonly name: SettingName;
  readonly environment: string;
  readonly description: string;
  readonly secret: boolean;
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
      description: meta?.description ?? '',
      secret: meta?.secret === true,
      default: value === undefined ? undefined : JSON.stringify(value),
      type: typeName(json),
    };
  });
}
