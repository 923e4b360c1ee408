import { z } from 'zod';

type JsonSchema = { readonly type: 'object'; readonly [keyword: string]: unknown };

/** Keywords that tell a model nothing and only cost tokens. Text lengths are validated all the same. */
const omittedKeywords = new Set(['$schema', 'propertyNames', 'minLength', 'maxLength']);

/** Whether a schema says nothing but that properties are allowed, or are not. */
const isBare = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || Object.keys(value).length === 0;

/**
 * Drops these keywords, the bounds that zod adds to every integer, and `additionalProperties` where it has no schema:
 * Google's converter fails on a boolean, and what is unknown is refused when the tool is called.
 */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, inner]) =>
      !omittedKeywords.has(key) &&
      Math.abs(Number(inner)) !== Number.MAX_SAFE_INTEGER &&
      !(key === 'additionalProperties' && isBare(inner)),
  );
  return Object.fromEntries(entries.map(([key, inner]) => [key, compact(inner)]));
}

/** By schema, then by hidden arguments. */
const converted = new WeakMap<z.ZodObject, Map<string, JsonSchema>>();

function withoutProperties(
  schema: Record<string, unknown>,
  hidden: readonly string[],
): Record<string, unknown> {
  const { properties } = schema;
  if (typeof properties !== 'object' || properties === null) return schema;
  const shown = Object.entries(properties).filter(([name]) => !hidden.includes(name));
  return { ...schema, properties: Object.fromEntries(shown) };
}

/**
 * The JSON Schema of a tool's arguments or answer, cached because every `tools/list` needs it. It is for the model
 * only: `executeTool` validates the arguments. `hidden` lists optional arguments that are of no use to a model here,
 * such as the connection where there is only one.
 */
export function toolSchema(
  schema: z.ZodObject,
  io: 'input' | 'output',
  hidden: readonly string[] = [],
): JsonSchema {
  const forms = converted.get(schema) ?? new Map<string, JsonSchema>();
  converted.set(schema, forms);
  const cached = forms.get(hidden.join());
  if (cached) return cached;
  const whole = compact(z.toJSONSchema(schema, { io, unrepresentable: 'any' })) as Record<string, unknown>;
  const made = { type: 'object' as const, ...withoutProperties(whole, hidden) };
  forms.set(hidden.join(), made);
  return made;
}
