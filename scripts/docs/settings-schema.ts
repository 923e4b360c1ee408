import { z } from 'zod';
import { fileNameOf } from '../../src/config/secret-files.ts';
import { describeSettings, settings } from '../../src/config.ts';

type JsonSchema = Record<string, unknown>;

/** What zod says besides JSON Schema: what we note of a setting, and the range of every integer. */
function removeOwn(schema: JsonSchema): void {
  if (schema['secret'] === true) schema['writeOnly'] = true;
  for (const key of ['secret', 'group']) delete schema[key];
  for (const [key, value] of Object.entries(schema)) {
    if (Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) delete schema[key];
  }
}

/** In the file a connection has `url` or `urlFile`; once the settings are read, there is only `url`. */
function withUrlFile(connections: JsonSchema): JsonSchema {
  const { required: _url, ...connection } = connections['additionalProperties'] as JsonSchema;
  const { url, ...others } = connection['properties'] as JsonSchema;
  const urlFile = {
    type: 'string',
    description: 'Path of a file that holds the connection string, relative to this one.',
  };
  return {
    ...connections,
    additionalProperties: {
      ...connection,
      properties: { url: { ...(url as JsonSchema), writeOnly: true }, urlFile, ...others },
      oneOf: [{ required: ['url'] }, { required: ['urlFile'] }],
    },
  };
}

/** The same for the address and the key of a collection that others fill. */
function withFiles(collections: JsonSchema): JsonSchema {
  const items = collections['items'] as JsonSchema;
  const { url, apiKey, ...others } = items['properties'] as JsonSchema;
  const file = (what: string) => ({
    type: 'string',
    description: `Path of a file that holds ${what}, relative to this one.`,
  });
  const properties = {
    url,
    urlFile: file('the address'),
    apiKey: { ...(apiKey as JsonSchema), writeOnly: true },
    apiKeyFile: file('the key'),
    ...others,
  };
  const onlyOne = (...names: string[]) => ({ not: { required: names } });
  return {
    ...collections,
    items: { ...items, properties, allOf: [onlyOne('url', 'urlFile'), onlyOne('apiKey', 'apiKeyFile')] },
  };
}

/** The same for the secret of an issuer's introspection. */
function withSecretFile(issuers: JsonSchema): JsonSchema {
  const items = issuers['items'] as JsonSchema;
  const properties = items['properties'] as Record<string, JsonSchema>;
  const { required: _all, ...introspection } = properties['introspection'] ?? {};
  const { clientSecret, ...others } = introspection['properties'] as JsonSchema;
  const clientSecretFile = {
    type: 'string',
    description: 'Path of a file that holds the secret, relative to this one.',
  };
  const withFile = {
    ...introspection,
    properties: {
      ...others,
      clientSecret: { ...(clientSecret as JsonSchema), writeOnly: true },
      clientSecretFile,
    },
    required: ['url', 'clientId'],
    oneOf: [{ required: ['clientSecret'] }, { required: ['clientSecretFile'] }],
  };
  return { ...issuers, items: { ...items, properties: { ...properties, introspection: withFile } } };
}

/** zod leaves out the default of what has a secret in it, since that is read into something else. */
function withDefaults(properties: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const defaults: Record<string, unknown> = settings.parse({});
  const entries = Object.entries(properties).map(([name, schema]) => [
    name,
    defaults[name] === undefined ? schema : { default: defaults[name], ...schema },
  ]);
  return Object.fromEntries(entries);
}

/** The settings, each secret followed by the name of a file with it. */
function withSecretFiles(properties: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const secrets = new Set<string>(describeSettings().flatMap(({ name, secret }) => (secret ? [name] : [])));
  const entries = Object.entries(properties).flatMap(([name, schema]) => {
    const description = `Path of a file that holds ${name}, relative to this one.`;
    const file = [fileNameOf(name), { type: 'string', description }] as const;
    return secrets.has(name) ? [[name, schema] as const, file] : [[name, schema] as const];
  });
  return Object.fromEntries(entries);
}

/** schemas/hydrogen.schema.json: what editors know of `hydrogen.json`. */
export function settingsSchema(): JsonSchema {
  const { $schema, properties, ...rest } = z.toJSONSchema(settings, {
    io: 'input',
    override: ({ jsonSchema }) => removeOwn(jsonSchema),
  });
  const described = withDefaults(properties as Record<string, JsonSchema>);
  const { connections = {}, qdrantCollections = {}, oauth = {} } = described;
  return {
    $schema,
    title: 'Settings of Hydrogen MCP (hydrogen.json)',
    $comment: 'Generated from the code by `npm run docs`: do not edit.',
    ...rest,
    properties: {
      $schema: { type: 'string' },
      ...withSecretFiles(described),
      connections: withUrlFile(connections),
      qdrantCollections: withFiles(qdrantCollections),
      oauth: withSecretFile(oauth),
    },
  };
}
