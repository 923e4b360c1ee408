import { endOfText } from '../json-limits.ts';

const [quote, comma] = [0x22, 0x2c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Matches what follows the name `id`, if that is text or a whole number. */
const idValue = /^\s*:\s*(-?\d{1,16}|"(?:[^"\\\p{Cc}]|\\["\\/bfnrt])*")\s*[,}]/u;

/**
 * The `id` of a request in unparsed JSON. Null if there is none, and for a response, whose id belongs to one of our own
 * requests.
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
