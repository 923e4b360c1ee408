import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';

// What the params of our methods must be, in our words: the SDK answers what it cannot read with a report of its validator.

const kinds = { string: 'text', number: 'a number', boolean: 'a boolean' } as const;

/** What a value is, for a message about it. */
export function named(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return kinds[typeof value as keyof typeof kinds] ?? 'an object';
}

const maxNameLength = 100;

function textAt(place: string, value: unknown): string | undefined {
  if (typeof value === 'string') return undefined;
  return value === undefined ? `"${place}" is missing.` : `"${place}" must be text, not ${named(value)}.`;
}

function textsIn(place: string, values: unknown): string | undefined {
  if (values === undefined) return undefined;
  if (named(values) !== 'an object') return `"${place}" must be an object, not ${named(values)}.`;
  const wrong = Object.entries(Object(values)).find(([, value]) => typeof value !== 'string');
  return wrong && textAt(`${place}.${wrong[0].slice(0, maxNameLength)}`, wrong[1]);
}

interface Completion {
  readonly ref?: unknown;
  readonly argument?: unknown;
  readonly context?: unknown;
}

function faultOfCompletion({ ref, argument, context }: Completion): string | undefined {
  const { type, name, uri } = Object(ref) as Record<string, unknown>;
  if (type !== 'ref/prompt' && type !== 'ref/resource')
    return '"ref" must have the type "ref/prompt", with a name, or "ref/resource", with a uri.';
  const { name: argumentName, value } = Object(argument) as Record<string, unknown>;
  const given = Object(context) as { readonly arguments?: unknown };
  return (
    (type === 'ref/prompt' ? textAt('ref.name', name) : textAt('ref.uri', uri)) ??
    textAt('argument.name', argumentName) ??
    textAt('argument.value', value) ??
    textsIn('context.arguments', given.arguments)
  );
}

const isModern = (meta: unknown): boolean => PROTOCOL_VERSION_META_KEY in Object(meta);

/** What is wrong with the params of a request, if anything that the SDK would report. */
export function faultOfParams(method: unknown, params: unknown): string | undefined {
  const { name, uri, arguments: args, _meta } = Object(params) as Record<string, unknown>;
  switch (method) {
    case 'tools/call':
      return textAt('name', name);
    case 'resources/read':
      return textAt('uri', uri);
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      // The protocol of 2026 has no such methods, which the SDK says whatever their params.
      return isModern(_meta) ? undefined : textAt('uri', uri);
    case 'prompts/get':
      return textAt('name', name) ?? textsIn('arguments', args);
    case 'completion/complete':
      return faultOfCompletion(Object(params) as Completion);
    default:
      return undefined;
  }
}
