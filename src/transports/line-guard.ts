import { Transform } from 'node:stream';
import { idAtTop } from './nesting.ts';

/** Retained from each end of a line that is too long: clients write the id at either end. */
const retainedBytes = 1_024;

const idAtEnd = /"id"\s*:\s*(\d+|"(?:[^"\\]|\\.)*")\s*\}\s*$/;

/** The id of a JSON-RPC message of which only the beginning and the end are known, if it is in either. */
function idOf(begin: Buffer, end: Buffer): string | number | undefined {
  const found = idAtEnd.exec(end.toString('utf8'))?.[1];
  return found === undefined ? (idAtTop(begin) ?? undefined) : (JSON.parse(found) as string | number);
}

/**
 * Passes on whole lines, one at a time, and drops any longer than `maxBytes`, on which the reader behind it would give
 * up.
 * @param refuse called with the id of the dropped message
 */
export function createLineGuard(
  maxBytes: number,
  refuse: (id: string | number | undefined) => void,
): Transform {
  let line: Buffer[] = [];
  let bytes = 0;
  /** The first and last bytes of a dropped line. */
  let dropped: { readonly begin: Buffer; end: Buffer } | undefined;

  function take(part: Buffer): void {
    bytes += part.length;
    if (dropped) {
      dropped.end = Buffer.concat([dropped.end, part.subarray(-retainedBytes)]).subarray(-retainedBytes);
      return;
    }
    line.push(part);
    if (bytes <= maxBytes) return;
    const all = Buffer.concat(line);
    // Copies: a view would retain the whole buffer.
    dropped = {
      begin: Buffer.from(all.subarray(0, retainedBytes)),
      end: Buffer.from(all.subarray(-retainedBytes)),
    };
    line = [];
  }

  function end(): Buffer | undefined {
    const whole = dropped ? undefined : Buffer.concat(line);
    if (dropped) refuse(idOf(dropped.begin, dropped.end));
    [line, bytes, dropped] = [[], 0, undefined];
    return whole;
  }

  return new Transform({
    // Each line is one chunk to the reader.
    readableObjectMode: true,
    // A line may be megabytes.
    readableHighWaterMark: 1,
    transform(chunk: Buffer, _encoding, done) {
      let from = 0;
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
        take(chunk.subarray(from, at + 1));
        from = at + 1;
        const whole = end();
        if (whole) this.push(whole);
      }
      if (from < chunk.length) take(chunk.subarray(from));
      done();
    },
  });
}
