/**
 * The most values (objects, lists and what is in them) and names of one message. A thousand documents of a hundred
 * fields, or a list of 50,000 ids, are meant by somebody; each costs some hundred bytes and a microsecond on its way
 * through threads and stages.
 */
export const maxValues = 250_000;

const [quote, backslash, comma, colon, openList, openObject] = [0x22, 0x5c, 0x2c, 0x3a, 0x5b, 0x7b];

/** The end of a text in JSON, past its closing quote. `at` is behind the opening one. */
export function endOfText(json: Uint8Array, at: number): number {
  for (let end = at; end < json.length; end++) {
    if (json[end] === backslash) end++;
    else if (json[end] === quote) return end + 1;
  }
  return json.length;
}

/**
 * Whether JSON in UTF-8 has more than `maxValues`: a value follows a comma or an opening bracket, a name stands before
 * a colon.
 * Looked at before it is parsed: a message of megabytes may hold millions.
 */
export function hasTooManyValues(json: Uint8Array): boolean {
  // Each takes a byte, as does what sets it apart.
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
