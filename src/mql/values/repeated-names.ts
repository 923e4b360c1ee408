import { badInput } from '../../errors.ts';

// JSON.parse keeps the last of several members with the same name. MongoDB applies both conditions of a filter such as
// `{"a": 1, "a": 2}`, so that what is left after parsing would be another question.

/** Characters of a name in an error. */
const maxShown = 100;

/** The end of a JSON string, past its closing quote; `at` is just after the opening one. */
export function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 0x20 || (code >= 0x09 && code <= 0x0d); ) {
    code = text.charCodeAt(++at);
  }
  return at;
}

/** How many members JSON text names. */
function namesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at)) {
    at = afterSpace(text, endOfString(text, at + 1));
    if (text[at] === ':') count++;
  }
  return count;
}

/** How many members the objects in a parsed value have. */
function membersIn(value: unknown): number {
  let count = 0;
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== 'object' || next === null) continue;
    const values: unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (!Array.isArray(next)) count += values.length;
    for (const item of values) if (typeof item === 'object') left.push(item);
  }
  return count;
}

function stringAt(text: string, from: number, end: number): string {
  const written = text.slice(from + 1, end - 1);
  return written.includes('\\') ? (JSON.parse(text.slice(from, end)) as string) : written;
}

function firstRepeated(text: string): string | undefined {
  const outer: (Set<string> | undefined)[] = [];
  let names: Set<string> | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at + 1);
      const after = afterSpace(text, end);
      if (text[after] === ':') {
        const name = stringAt(text, at, end);
        if (names?.has(name)) return name;
        names?.add(name);
      }
      at = after - 1;
    } else if (character === '{' || character === '[') {
      outer.push(names);
      names = character === '{' ? new Set() : undefined;
    } else if (character === '}' || character === ']') names = outer.pop();
  }
  return undefined;
}

/**
 * The first name that stands twice in one object of JSON text.
 * @param value what `JSON.parse` makes of the text: counting its members costs a quarter of what looking at names does
 */
export function repeatedName(text: string, value: unknown = JSON.parse(text)): string | undefined {
  return namesIn(text) === membersIn(value) ? undefined : firstRepeated(text);
}

/** @throws HydrogenError `bad_input` for a name that stands twice in one object */
export function refuseRepeatedNames(text: string, value: unknown): void {
  const name = repeatedName(text, value);
  if (name === undefined) return;
  const shown = name.length > maxShown ? `${name.slice(0, maxShown)}…` : name;
  throw badInput(
    `"${shown}" stands twice in one object, where only one would count: in a filter write {"$and":[{"${shown}":…},{"${shown}":…}]}, elsewhere leave one out.`,
  );
}
