import { badInput } from '../../../errors.ts';
import { type DocumentReader, maxDocumentBytes, type ReadDocument } from './document-reader.ts';
import type { FileBytes } from './file-bytes.ts';

/** MongoDB's own documents (oplog entries) may be this much larger than a user's. */
const allowance = 16 * 1024;

const bytesOf = (count: number): string => count.toLocaleString('en');

/**
 * A `.bson` file of `mongodump`: documents one behind the other. They are cut out by their lengths, not
 * read: what is inside them is checked where they are stored.
 */
export function bsonDump(bytes: FileBytes): DocumentReader {
  const place = (at: number): string => `The document at byte ${bytesOf(at)}`;

  function lengthAt(buffer: Buffer, offset: number, at: number): number {
    const length = buffer.readInt32LE(offset);
    if (length >= 5 && length <= maxDocumentBytes + allowance) return length;
    throw badInput(
      `At byte ${bytesOf(at)} no BSON document begins (its length would be ${bytesOf(length)}): the file is damaged there, or no dump.`,
    );
  }

  async function* read(): AsyncGenerator<ReadDocument> {
    let held: Buffer = Buffer.alloc(0);
    let at = 0;
    for await (const chunk of bytes.read()) {
      const buffer = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      let offset = 0;
      while (buffer.length - offset >= 4) {
        const length = lengthAt(buffer, offset, at);
        if (buffer.length - offset < length) break;
        const bson = buffer.subarray(offset, offset + length);
        if (bson[length - 1] !== 0) throw badInput(`${place(at)} does not end as BSON does: it is damaged.`);
        yield { bson, at };
        offset += length;
        at += length;
      }
      held = buffer.subarray(offset);
    }
    if (held.length > 0) {
      throw badInput(
        `The file ends inside the document at byte ${bytesOf(at)}: the dump is cut off; make it again.`,
      );
    }
  }
  return { read, place, checked: false };
}
