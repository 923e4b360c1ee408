import { z } from 'zod';

/** What the SDK asks of a schema: a Standard Schema that can give its JSON Schema. */
interface ToolSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => { value: unknown };
    readonly jsonSchema: { input(): Record<string, unknown>; output(): Record<string, unknown> };
  };
}

type JsonSchema = Record<string, unknown>;

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/**
 * What zod says of an integer by itself, and `$schema`, tell a model nothing: they only cost tokens. A free
 * object is said in the form that every client reads.
 */
function lean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lean);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, inner]) =>
      key !== '$schema' && key !== 'propertyNames' && Math.abs(Number(inner)) !== Number.MAX_SAFE_INTEGER,
  );
  return Object.fromEntries(
    entries.map(([key, inner]) => [
      key,
      key === 'additionalProperties' && isEmpty(inner) ? true : lean(inner),
    ]),
  );
}

const converted = new WeakMap<z.ZodObject, JsonSchema>();

function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): JsonSchema {
  const cached = converted.get(schema);
  if (cached) return cached;
  const made = lean(z.toJSONSchema(schema, { io, unrepresentable: 'any' })) as JsonSchema;
  converted.set(schema, made);
  return made;
}

/**
 * The schema as the SDK takes it, converted to JSON Schema once (the SDK would at every `tools/list`).
 * It accepts anything: `executeTool` reads the arguments, for the protocol, the command line and workflow
 * steps alike, and its messages are written for a model.
 */
export function toolSchema(schema: z.ZodObject, io: 'input' | 'output'): ToolSchema {
  const json = () => jsonSchema(schema, io);
  return {
    '~standard': {
      version: 1,
      vendor: 'hydrogen',
      validate: (value) => ({ value }),
      jsonSchema: { input: json, output: json },
    },
  };
}
