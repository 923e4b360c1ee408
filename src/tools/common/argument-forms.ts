import { z } from 'zod';
import { badInput, HydrogenError } from '../../errors.ts';
import { hasTooManyValues, isTooDeep } from '../../json-limits.ts';
import { parseExactJson } from '../../mql/formats.ts';

// Clients write arguments in forms of their own: objects, lists, numbers and booleans as text, null or an empty text for
// what is not given. Here they become what is meant, at the top level only: inside a filter or a document, text is text.

interface Wanted {
  readonly type: unknown;
  readonly optional: boolean;
  readonly schema: z.ZodType;
}

type Arguments = Readonly<Record<string, unknown>>;

const wantedOf = new WeakMap<z.ZodObject, ReadonlyMap<string, Wanted>>();

/** What each argument should be, as in the schema that clients see. */
function wantedArguments(input: z.ZodObject): ReadonlyMap<string, Wanted> {
  const known = wantedOf.get(input);
  if (known) return known;
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  const wanted = new Map(
    Object.entries(input.shape).map(([name, schema]) => {
      const { type } = Object(properties[name]) as { readonly type?: unknown };
      return [name, { type, optional: !required.includes(name), schema: schema as z.ZodType }];
    }),
  );
  wantedOf.set(input, wanted);
  return wanted;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number' && Number.isInteger(value)) return 'integer';
  return value === null ? 'null' : typeof value;
}

/** @throws HydrogenError `bad_input` naming the argument, for a number that would be changed */
function parsed(name: string, text: string): unknown {
  const bytes = Buffer.from(text);
  if (isTooDeep(bytes) || hasTooManyValues(bytes)) return text;
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof HydrogenError) throw badInput(`argument "${name}": ${error.message}`);
    return text;
  }
}

/** Text that holds what is wanted, as that; any other text as it is, so that the schema says what is wrong. */
function readText(name: string, text: string, { type, schema }: Wanted): unknown {
  const value = parsed(name, text);
  const found = typeOf(value);
  if (found === type || (found === 'integer' && type === 'number')) return value;
  return found !== 'string' && schema.safeParse(value).success ? value : text;
}

function isArguments(args: unknown): args is Arguments {
  return typeof args === 'object' && args !== null && !Array.isArray(args);
}

/**
 * The arguments of a call as its client means them. A tool without arguments takes none, whatever it is given; what is
 * unknown or wrong otherwise is left for the schema to refuse.
 * @throws HydrogenError `bad_input` for text with a number that would be changed
 */
export function meantArguments(input: z.ZodObject, args: unknown): unknown {
  const wanted = wantedArguments(input);
  if (wanted.size === 0) return {};
  if (!isArguments(args)) return args;
  const meant = Object.entries(args).flatMap(([name, value]): (readonly [string, unknown])[] => {
    const known = wanted.get(name);
    if (known === undefined) return [[name, value]];
    const isText = known.type === 'string';
    if (value === null || (value === '' && isText && known.optional)) return [];
    return [[name, typeof value === 'string' && !isText ? readText(name, value, known) : value]];
  });
  return Object.fromEntries(meant);
}
