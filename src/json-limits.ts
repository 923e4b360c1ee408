/**
 * Maximum number of values (objects, lists and their contents) and names in a message. A thousand documents of a
 * hundred fields, or a list of 50,000 ids, are legitimate; each value costs some hundred bytes and a microsecond on its
 * way through threads and stages.
 */
export const maxValues = 250_000;

/**
 * Maximum nesting of lists and objects in a message. A MongoDB document may have 100 levels, each a list in an object,
 * a few levels down in a call's arguments: 250 are legitimate. Later readers of a message (the SDK, zod,
 * `JSON.stringify`) recurse, and the stack overflows at some 5,000 levels; tools with lower limits enforce them.
 */
export const maxLevels = 1_000;

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The end of a JSON string, past its closing quote. `at` is just after the opening one. */
export function endOfText(json: Uint8Array, at: number): number {
  for (let end = at; end < json.length; end++) {
    if (json[end] === backslash) end++;
    else if (json[end] === quote) return end + 1;
  }
  return json.length;
}

/**
 * Whether JSON in UTF-8 has more than `maxValues`: a value follows a comma or an opening bracket, a name precedes a
 * colon. Checked before parsing: a message of megabytes may hold millions.
 */
export function hasTooManyValues(json: Uint8Array): boolean {
  // Each value takes at least a byte.
  if (json.length <= maxValues) return false;
  let values = 0;
  for (let at = 0; at < json.length; ) {
    const byte = json[at++];
    if (byte === quote) at = endOfText(json, at);
    else if (byte === comma || byte === colon || byte === openList || byte === openObject) {
      if (++values > maxValues) return true;
    }
  }
  return false;
}

/**
 * Whether JSON in UTF-8 is nested deeper than `maxLevels`; invalid JSON is counted the same way. Checked before
 * parsing: the parser would accept it, at some hundred bytes per level.
 */
export function isTooDeep(json: Uint8Array): boolean {
  let level = 0;
  for (let at = 0; at < json.length; ) {
    const byte = json[at++];
    if (byte === quote) at = endOfText(json, at);
    else if (byte === openList || byte === openObject) {
      if (++level > maxLevels) return true;
    } else if (byte === closeList || byte === closeObject) level--;
  }
  return false;
}
