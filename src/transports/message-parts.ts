import { INVALID_PARAMS, INVALID_REQUEST } from '@modelcontextprotocol/server';

/**
 * The most values and names in the parameters or the result of a message. The SDK checks and copies each several
 * times, on the thread that everybody waits for, which takes some 20 microseconds; a message has a few dozen. Only
 * what is inside a tool's arguments is not looked at by the SDK: that may be data.
 */
export const maxMembers = 1_000;

/** Characters of what something is asked for by. The id of a document has 1,024, of which a URI may escape each. */
export const maxNameLength = 10_000;

type Json = Readonly<Record<string, unknown>>;
export type Fault = readonly [code: number, message: string];

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The values and names in a value; where they are more than `maxMembers`, some number above that. */
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

/** Of a tool's arguments, the names alone. */
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

/** What something is asked for by. */
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

/** The SDK copies arguments by their names, and would lose this one without a word. */
function lostArgument({ method, params }: Json): Fault | undefined {
  const takesArguments = method === 'tools/call' || method === 'prompts/get';
  const args = takesArguments && isObject(params) ? params['arguments'] : undefined;
  return isObject(args) && Object.hasOwn(args, '__proto__')
    ? [INVALID_PARAMS, 'Unknown argument "__proto__": leave it out.']
    : undefined;
}

/** Why the parts of a message are not handed to the SDK; undefined where they are. */
export function faultOfParts(message: Json): Fault | undefined {
  return tooLong(message) ?? tooMany(message) ?? lostArgument(message);
}
