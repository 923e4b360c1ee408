import { isSpace, jsonValuesOf, withoutMark } from './json-values.ts';

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openers: readonly number[] = [0x5b, 0x7b];
const closers: readonly number[] = [0x5d, 0x7d];

/** How far an object has been read in search of a member. */
interface Search {
  readonly name: string;
  depth: number;
  /** Inside a string, what of it has been read; only that of a name is kept. */
  text: number[] | undefined;
  escaped: boolean;
  /** The last string. */
  last: string;
  /** The last string was the name of the member, and its value comes next. */
  isNext: boolean;
}

function readString(search: Search, text: number[], byte: number): void {
  if (!search.escaped && byte === quote) {
    search.last = String.fromCharCode(...text);
    search.text = undefined;
    return;
  }
  search.escaped = !search.escaped && byte === backslash;
  if (search.depth === 1 && text.length <= search.name.length) text.push(byte);
}

/** @returns whether the value of the member begins here, and is an array */
function readOther(search: Search, byte: number): boolean {
  if (isSpace(byte)) return false;
  const isValue = search.isNext;
  search.isNext = byte === colon && search.depth === 1 && search.last === search.name;
  if (byte === quote) search.text = [];
  else if (openers.includes(byte)) {
    if (isValue && byte === openers[0]) return true;
    search.depth++;
  } else if (closers.includes(byte)) search.depth--;
  return false;
}

/** The chunks of JSON text from where an array begins that is a member of the outermost object; none without it. */
async function* fromMember(
  chunks: AsyncIterable<Buffer>,
  name: string,
  onFound: () => void,
): AsyncGenerator<Buffer> {
  const search: Search = { name, depth: 0, text: undefined, escaped: false, last: '', isNext: false };
  let found = false;
  for await (const chunk of withoutMark(chunks)) {
    let at = 0;
    while (!found && at < chunk.length) {
      const byte = chunk[at] as number;
      if (search.text !== undefined) readString(search, search.text, byte);
      else found = readOther(search, byte);
      if (found) onFound();
      else at++;
    }
    if (found) yield chunk.subarray(at);
  }
}

/**
 * The items of an array that is a member of the outermost object, as `jsonValuesOf` gives those of an array.
 * @param onFound called where there is one
 * @throws HydrogenError `bad_input` for text that ends inside it.
 */
export function itemsOf(
  chunks: AsyncIterable<Buffer>,
  name: string,
  onFound: () => void,
): AsyncGenerator<Buffer> {
  return jsonValuesOf(fromMember(chunks, name, onFound), { ignoresTail: true });
}
