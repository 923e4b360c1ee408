import { endOfText } from './message-values.ts';

/**
 * The most levels of lists and objects in one message. A MongoDB document has 100, of which each may be a list in
 * an object, and stands a few levels deep in the arguments of a call: 250 are meant by somebody. What reads a message
 * after this (the SDK, zod, `JSON.stringify`) recurses, and the stack ends at some 5,000 levels; tools that take less
 * say so themselves.
 */
export const maxLevels = 1_000;

const [quote, comma] = [0x22, 0x2c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Whether JSON in UTF-8 has more levels than `maxLevels`; of what is not JSON, what it begins like counts.
 * Looked at before it is parsed: the parser would take it, and hold some hundred bytes for each level.
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

/** What follows the name `id`, where it is text or a whole number. */
const idValue = /^\s*:\s*(-?\d{1,16}|"(?:[^"\\\p{Cc}]|\\["\\/bfnrt])*")\s*[,}]/u;

/**
 * The `id` of a request in JSON that is not parsed. Null where there is none, and for a response: its id is one of
 * our own requests'.
 */
export function idAtTop(json: Uint8Array): string | number | null {
  let [level, isName, isResponse]: [number, boolean, boolean] = [0, false, false];
  let id: string | undefined;
  for (let at = 0; at < json.length; ) {
    const byte = json[at++];
    if (byte === quote) {
      const end = endOfText(json, at);
      const name = isName
        ? Buffer.from(json.subarray(at, Math.min(end - 1, at + 10))).toString('latin1')
        : '';
      if (name === 'id')
        id = idValue.exec(Buffer.from(json.subarray(end, end + 1_024)).toString('utf8'))?.[1];
      isResponse ||= name === 'result' || name === 'error';
      [at, isName] = [end, false];
    } else if (byte === openList || byte === openObject) isName = ++level === 1;
    else if (byte === closeList || byte === closeObject) level--;
    else if (byte === comma) isName = level === 1;
  }
  return id === undefined || isResponse ? null : (JSON.parse(id) as string | number);
}
