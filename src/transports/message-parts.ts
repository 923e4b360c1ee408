import { INVALID_PARAMS, INVALID_REQUEST } from '@modelcontextprotocol/server';

/**
 * Maximum number of values and names in a message's parameters or result. The SDK checks and copies each several times
 * on the main thread, which takes some 20 microseconds; a typical message has a few dozen. It does not inspect the
 * inside of a tool's arguments, which may be data.
 */
export const maxMembers = 1_000;

/** Characters of a name or URI in a request. A document id has up to 1,024, each of which a URI may escape. */
export const maxNameLength = 10_000;

type Json = Readonly<Record<string, unknown>>;
export type Fault = readonly [code: number, message: string];

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The number of values and names in a value; beyond `maxMembers` the count is not exact. */
function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  const inner = Object.values(value);
  const perMember = Array.isArray(value) ? 0 : 1;
  let count = 1 + inner.length * perMember;
  for (const member of inner) {
    if (count > maxMembers) break;
    count += countOf(member);
  }
  return count;
}

/** Counts only the names of a tool's arguments. */
function countOfMember(method: unknown, name: string, value: unknown): number {
  return method === 'tools/call' && name === 'arguments' && isObject(value)
    ? Object.keys(value).length
    : countOf(value);
}

function tooMany(message: Json): Fault | undefined {
  for (const part of ['params', 'result', 'error']) {
    const members = isObject(message[part]) ? Object.entries(message[part]) : [];
    let total = members.length;
    for (const [name, value] of members.slice(0, maxMembers)) {
      const count = countOfMember(message['method'], name, value);
      total += count;
      if (total <= maxMembers) continue;
      const what = count > maxMembers ? `"${part}.${name.slice(0, 100)}"` : `"${part}"`;
      return tooManyIn(what, part);
    }
    if (total > maxMembers) return tooManyIn(`"${part}"`, part);
  }
  return undefined;
}

function tooManyIn(what: string, part: string): Fault {
  const max = maxMembers.toLocaleString('en');
  const code = part === 'params' ? INVALID_PARAMS : INVALID_REQUEST;
  return [code, `${what} has more than ${max} values and names: send less.`];
}

/** The names and URIs in a request. */
function namesIn({ method, params }: Json): readonly (readonly [place: string, name: unknown])[] {
  const { name, uri, ref } = isObject(params) ? params : {};
  const { name: refName, uri: refUri } = isObject(ref) ? ref : {};
  return [
    ['method', method],
    ['params.name', name],
    ['params.uri', uri],
    ['params.ref.name', refName],
    ['params.ref.uri', refUri],
  ];
}

function tooLong(message: Json): Fault | undefined {
  for (const [place, name] of namesIn(message)) {
    if (typeof name !== 'string' || name.length <= maxNameLength) continue;
    const [length, max] = [name.length, maxNameLength].map((count) => count.toLocaleString('en'));
    return [INVALID_PARAMS, `"${place}" has ${length} characters: at most ${max} are accepted.`];
  }
  return undefined;
}

/** The SDK copies arguments by name, and would silently lose this one. */
function lostArgument({ method, params }: Json): Fault | undefined {
  const takesArguments = method === 'tools/call' || method === 'prompts/get';
  const args = takesArguments && isObject(params) ? params['arguments'] : undefined;
  return isObject(args) && Object.hasOwn(args, '__proto__')
    ? [INVALID_PARAMS, 'Unknown argument "__proto__": leave it out.']
    : undefined;
}

/** Why a message must not be passed to the SDK; undefined when it may be. */
export function faultOfParts(message: Json): Fault | undefined {
  return tooLong(message) ?? tooMany(message) ?? lostArgument(message);
}
