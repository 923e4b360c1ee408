import { z } from 'zod';
import { secretOf } from '../observability/secret.ts';
import { positive } from './limits.ts';
import { hasNoUser } from './server-urls.ts';

// The forms of the settings that say where data and documents come from, besides files.

export const mongodbUrl = z
  .string()
  .regex(/^mongodb(\+srv)?:\/\/./, 'must begin with mongodb:// or mongodb+srv://');

/** A named MongoDB server. `urlFile` is resolved while loading the settings, so there is only `url` here. */
export const connection = z.strictObject({
  url: mongodbUrl
    .transform(secretOf)
    .describe('Connection string, a secret: `urlFile` keeps it out of this file.'),
  database: z.string().min(1).max(63).optional().describe('The database of calls that name none.'),
  readPreference: z
    .enum(['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'])
    .optional()
    .describe('Which members of a replica set to read from.'),
  readOnly: z.boolean().default(false).describe('Refuse every change on this server.'),
  timeoutMs: positive
    .optional()
    .describe('How long a call waits for this server, ms. Default: `mongodbTimeoutMs`.'),
  maxPoolSize: z.int().min(1).max(1_000).optional().describe('Maximum number of connections to the server.'),
});

/** A collection whose documents are in the library; field paths are dotted. */
export const collectionSource = z.strictObject({
  name: z
    .string()
    .regex(/^[^/\s]{1,64}$/, 'must be up to 64 characters without "/" and spaces')
    .optional()
    .describe("First part of the documents' ids. Default: the collection's name."),
  connection: z.string().min(1).optional().describe('Instead of the default connection.'),
  database: z.string().min(1).max(63).optional().describe("Instead of the connection's default database."),
  collection: z.string().min(1).max(255),
  fields: z.array(z.string().min(1)).min(1).describe('Paths of the fields whose text is searched, dotted.'),
  title: z.string().min(1).optional().describe('Path of the field with the document title.'),
  updatedAt: z
    .string()
    .min(1)
    .optional()
    .describe('Path of a field with the time of the last change: makes finding changes cheaper.'),
});

const payloadPath = z.string().min(1).max(500);

/**
 * A Qdrant collection that others fill; paths in its payload are dotted. `urlFile` and `apiKeyFile` are resolved while
 * loading the settings, so there are only `url` and `apiKey` here.
 */
export const qdrantCollection = z.strictObject({
  name: z
    .string()
    .regex(/^[^/#\s]{1,64}$/, 'must be up to 64 characters without "/", "#" and spaces')
    .describe("First part of the documents' ids; no source of the library may have it."),
  collection: z.string().min(1).max(255).describe('The collection on the server, or an alias of it.'),
  url: z
    .url({ protocol: /^https?$/ })
    .refine(hasNoUser, 'must be without user and password: use apiKey')
    .optional()
    .describe('Address of its server. Default: `qdrantUrl`, with its key.'),
  apiKey: z
    .string()
    .min(1)
    .transform(secretOf)
    .optional()
    .describe(
      'Key of its server, a secret: `apiKeyFile` keeps it out of this file. It need only allow to read.',
    ),
  vector: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Name of the dense vector. Default: the unnamed one.'),
  text: payloadPath.default('document').describe('Path of the text.'),
  title: payloadPath.optional().describe("Path of the title. Default: the text's first line."),
  document: payloadPath.optional().describe('Path of what a point is a part of: an id or a file name.'),
  metadata: z
    .string()
    .max(500)
    .default('metadata')
    .describe('Path of the fields that filters may ask; empty for the whole payload.'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('The model that made the vectors, as in `embeddingModel`, which is the default.'),
  queryPrefix: z
    .string()
    .max(1_000)
    .optional()
    .describe("Put before questions instead of the model's own prefix; may be empty."),
});

export const connectionName = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"')
  .refine((name) => name !== 'embedded', 'must not be "embedded": that is the embedded store');
