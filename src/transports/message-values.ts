/**
 * Maximum number of values (objects, lists and their contents) and names in a message. A thousand documents of a
 * hundred fields, or a list of 50,000 ids, are legitimate; each value costs some hundred bytes and a microsecond on its
 * way through threads and stages.
 */
export const maxValues = 250_000;

const [quote, backslash, comma, colon, openList, openObject] = [0x22, 0x5c, 0x2c, 0x3a, 0x5b, 0x7b];

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
